#pragma once

#include <string>

#include "connectors/duckdb/options.h"
#include "duckdb/database.h"

namespace mainstem {
struct Context;
}

namespace mainstem::connectors::duckdb {

using mainstem::duckdb::Connection;
using mainstem::duckdb::Database;

/// Schema for what is ours: staged tables, state, quarantine.
inline constexpr const char* kOwnSchema = "_mainstem";
inline constexpr const char* kStateTable = "state";

/// Says, while it lives, that this process is going to write a file: then sources open it for writing, too, since a
/// process can have it open in one way only. Thread-safe.
class WriteIntent {
 public:
  explicit WriteIntent(std::string canonical_path);
  ~WriteIntent();
  WriteIntent(const WriteIntent&) = delete;
  WriteIntent& operator=(const WriteIntent&) = delete;
  static bool exists(const std::string& canonical_path);

 private:
  std::string path_;
};

/// One spelling of a path for all that name the same file.
std::string canonical(const std::string& path);

/// The database file of a connection. Statements cannot reach other files or the network.
class File {
 public:
  explicit File(ConnectionOptions options) : options_(std::move(options)) {}

  const std::string& path() const { return options_.path; }
  bool may_write() const { return options_.access != Access::read_only; }
  bool exists() const;
  /// Errors: not_found, conflict (another process writes it), invalid_data (no DuckDB file), permission_denied.
  Result<Database> open_to_read(Context& context) const;
  /// Creates the file if it is missing. Errors: as above; conflict also if this process reads it with `access:
  /// read-only`.
  Result<Database> open_to_write(Context& context) const;

 private:
  Result<Database> open(Context& context, bool read_only) const;

  ConnectionOptions options_;
};

/// SELECT that takes the contents of a table.
std::string select_all(const connector::TableRef& table);

}  // namespace mainstem::connectors::duckdb
