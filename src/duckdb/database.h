#pragma once

#include <memory>
#include <string>

#include "base/cancellation.h"
#include "base/result.h"
#include "base/units.h"
#include "duckdb/connection.h"

namespace mainstem::duckdb {

struct DatabaseOptions {
  std::string path;  ///< empty = in memory
  bool read_only = false;
  int threads = 1;           ///< that compute; the caller's own only waits
  ByteCount memory;          ///< of DuckDB's buffers; 0 = DuckDB's default. Some aggregates overshoot it.
  std::string spill_folder;  ///< made when first needed; empty = no spilling
  ByteCount spill;           ///< at most on disk; 0 = no limit
  bool keep_order = true;    ///< tables keep the order in which rows came; costs parallelism
};

/// One open DuckDB database. A file is open once in a process: `open` of a path that is open gives the same database,
/// whatever the other options say. Thread-safe; its connections outlive it safely.
class Database {
 public:
  /// Errors: not_found (the library; the file when read-only), conflict (another process has it open),
  /// permission_denied, invalid_data (no DuckDB file), resource_exhausted, unavailable.
  static Result<Database> open(const DatabaseOptions& options);

  /// `cancellation` stops the connection's queries and outlives it; may be null.
  Result<Connection> connect(const Cancellation* cancellation = nullptr) const;

  /// Shuts off files (but for spilling), network and extensions, and locks all settings. Cannot be undone.
  Result<void> seal(Connection& connection) const;

  struct State;

 private:
  explicit Database(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace mainstem::duckdb
