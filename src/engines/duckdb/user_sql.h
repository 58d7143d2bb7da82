#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "duckdb/connection.h"

namespace mainstem::engines::duckdb {

/// What SQL of users may do: read by one SELECT, calling no function that looks outside the query. DuckDB's own
/// settings keep files and the network shut; this keeps out what they do not cover (logging, profiling, functions that
/// run SQL given as text).
class UserSql {
 public:
  /// Learns the functions of the connection's library.
  static Result<UserSql> make(mainstem::duckdb::Connection& connection);

  /// The query without semicolons and comments at its end; lines and columns in it are those in `sql`. Errors:
  /// invalid_config (no SELECT), permission_denied (a forbidden function), both with line and column.
  Result<std::string> check(std::string_view sql) const;

 private:
  std::set<std::string> forbidden_;
};

}  // namespace mainstem::engines::duckdb
