#pragma once

#include <arrow/type_fwd.h>
#include <optional>
#include <string>

#include "connector/source.h"
#include "connectors/duckdb/file.h"

namespace mainstem::connectors::duckdb {

/// A cursor range as SQL, its upper bound found.
struct BoundCursor {
  std::string condition;                     ///< empty = all rows
  std::optional<connector::Position> upper;  ///< empty = there are no rows, and never were
};

/// Finds the greatest value in `from` (a table or subquery, conditions included). Rows without a value are read every
/// time, since no position can tell which of them are new. Errors: invalid_config, for a column that has no order or a
/// lookback that does not fit it; invalid_data, for a position that is not of the column's type.
Result<BoundCursor> bind_cursor(Connection& connection, const std::string& from, const connector::CursorRange& range,
                                const arrow::DataType& type);

}  // namespace mainstem::connectors::duckdb
