#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "connector/source.h"
#include "sqlite/database.h"

namespace mainstem::connectors::sqlite {

/// A value of a cursor column, as SQLite holds and compares it.
using CursorValue = std::variant<int64_t, double, std::string>;

/// "i:12", "r:0.5", "t:2026-01-01 12:00:00"; the printable form is the value alone.
columnar::Position position_of(const CursorValue& value);
/// Errors: invalid_data if the bytes are no position of this connector.
Result<CursorValue> read_position(const columnar::Position& position);

/// The range of a cursor as a condition of SQL with parameters ?1, ?2.
struct CursorCondition {
  std::string sql;  ///< empty = all rows
  std::vector<CursorValue> values;
  std::optional<columnar::Position> upper;
  Result<void> bind(mainstem::sqlite::Statement& statement) const;
};

/// Fixes the range that a read covers: from behind the last position (less the lookback) to the greatest value there is
/// in `from`, within the database's running transaction. Rows without a value are always read: they cannot be told old
/// from new. Errors: invalid_config (lookback), invalid_data (the column has changed its kind since, or holds values
/// that do not compare by time).
Result<CursorCondition> plan_cursor(mainstem::sqlite::Database& database, const std::string& from,
                                    const connector::CursorRange& range);

}  // namespace mainstem::connectors::sqlite
