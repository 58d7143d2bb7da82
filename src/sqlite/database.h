#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/result.h"
#include "sqlite/statement.h"

namespace mainstem::sqlite {

struct OpenOptions {
  bool read_only = false;
  bool create = false;  ///< make the file if it is not there
  /// How long to wait for locks of others before giving up with conflict.
  std::chrono::milliseconds busy_timeout{5'000};
  /// Ends waits and running statements with cancelled once requested; outlives the database. May be null.
  const Cancellation* cancellation = nullptr;
};

/// One connection to a SQLite file. For one thread at a time; its statements are destroyed before it.
/// A name in double quotes that is no column is an error (not text, as SQLite allows by default), and what a file's
/// schema calls is not trusted.
class Database {
 public:
  /// Opens a file and reads its header. `path` is a plain path, never a URI. Errors: not_found, permission_denied,
  /// invalid_data (not a database, or cut off), conflict, resource_exhausted, unavailable.
  static Result<Database> open(const std::string& path, const OpenOptions& options = {});
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// Prepares exactly one statement. Errors: invalid_config with line and column in `sql`, also for several statements
  /// or none.
  Result<Statement> prepare(std::string_view sql);
  /// Prepares a statement, binds `values` and runs it to the end. Returns the rows it changed.
  template <class... Values>
  Result<int64_t> execute(std::string_view sql, const Values&... values) {
    MS_ASSIGN(auto statement, prepare(sql));
    MS_TRY(statement.bind_all(values...));
    const int64_t before = total_changes();
    MS_TRY(statement.run());
    return total_changes() - before;
  }
  /// Runs any number of statements separated by semicolons, until one fails.
  Result<void> execute_script(const std::string& sql);
  /// The first column of the first row as an integer; 0 if there is none.
  Result<int64_t> integer(std::string_view sql);
  /// The first column of the first row as text; empty if there is none.
  Result<std::string> text(std::string_view sql);

  /// Rows inserted, updated and deleted since opening, by triggers too.
  int64_t total_changes() const;
  /// False within a transaction.
  bool autocommit() const;
  /// True if the file could be opened for reading only, whatever was asked for.
  bool is_read_only() const;
  const std::string& path() const;

 private:
  struct State;
  Result<void> check_whole(const std::string& path);
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mainstem::sqlite
