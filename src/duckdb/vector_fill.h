#pragma once

#include <arrow/type_fwd.h>
#include <memory>

#include "base/result.h"
#include "duckdb/api.h"

namespace mainstem::duckdb {

/// Makes an array that comes from outside fit for `fill_vector`: decodes dictionaries and unwraps extension types, and
/// makes sure that texts are UTF-8, on which DuckDB relies. Errors: invalid_data, unsupported; the caller adds the
/// column.
Result<std::shared_ptr<arrow::Array>> prepare_array(const std::shared_ptr<arrow::Array>& array);

/// Writes `count` values of a prepared array, from `offset` on, into the beginning of a fresh vector whose type is
/// `input_type` of the array's. Texts longer than 12 bytes are not copied: the vector points into the array.
/// Errors: invalid_data (a value that the type cannot hold exactly); the caller adds the column.
Result<void> fill_vector(duckdb_vector vector, const arrow::Array& array, int64_t offset, int64_t count);

}  // namespace mainstem::duckdb
