#pragma once

#include <optional>
#include <string>

#include "connector/source.h"
#include "connectors/postgres/types.h"

namespace mainstem::connectors::postgres {

/// A cursor's SQL over one column. Values are compared by the server, in the column's own type and collation. Rows
/// whose cursor is null, infinite or NaN have no place in the order: every read gives them again.
class CursorSql {
 public:
  /// Errors: invalid_config for a type without a usable order or a lookback that does not fit it.
  static Result<CursorSql> make(const RemoteColumn& column, const connector::CursorRange& range);

  /// "max(...)" as text over the rows of `from` that `where` (may be empty) admits and that have a place in the order.
  std::string greatest(const std::string& from, const std::string& where) const;
  /// The predicate of the rows to read up to `upper`; empty if all are.
  std::string predicate(const std::optional<connector::Position>& upper) const;
  /// The later one of the stored position and `found`, as one SQL query that gives its text.
  std::string later_of_stored_and(const std::string& found) const;

 private:
  std::string literal(const std::string& text) const;
  std::string lower_bound() const;

  std::string column_;  // quoted
  std::string type_;
  std::string lookback_;
  std::vector<std::string> apart_;  // values outside of the order
  bool nullable_ = true;
  std::optional<connector::Position> after_;
};

}  // namespace mainstem::connectors::postgres
