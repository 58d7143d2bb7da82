#pragma once

#include <arrow/type_fwd.h>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace mainstem::app::inspect {

/// A value as text, equal for equal values of one type; nothing for null. Lists are "[1, 2]", structs and maps
/// "{a: 1, b: null}" (maps in the order of their keys), with texts inside them in quotes; times end with their last
/// digit that is no zero.
using Cell = std::optional<std::string>;
using CellRow = std::vector<Cell>;

/// The rows of a table in its order. Errors: those of Arrow.
Result<std::vector<CellRow>> cells_of(const arrow::Table& table);

/// The type whose values stand in a column of `type`: that of a dictionary's values, that an extension is stored in.
std::shared_ptr<arrow::DataType> value_type(const std::shared_ptr<arrow::DataType>& type);

}  // namespace mainstem::app::inspect
