#pragma once

#include <arrow/type_fwd.h>
#include <memory>

namespace mainstem::columnar {

/// The type that holds every value of both types without loss; null if there is none. Integers widen to larger ones and
/// to decimals, small ones to floating point; decimals keep all digits on both sides of the point; times take the finer
/// unit; zoned timestamps of two zones become UTC; lists, structs and maps widen inside.
std::shared_ptr<arrow::DataType> wider_type(const std::shared_ptr<arrow::DataType>& left,
                                            const std::shared_ptr<arrow::DataType>& right);

/// The type of the same values without Arrow's ways to store them: dictionaries, run ends and views as their values,
/// extension types as their storage, but UUIDs as text. Also inside lists, structs and maps.
std::shared_ptr<arrow::DataType> plain_type(const std::shared_ptr<arrow::DataType>& type);

/// Integers, decimals and floating point.
bool is_number(const arrow::DataType& type);

}  // namespace mainstem::columnar
