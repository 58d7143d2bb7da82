#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "duckdb/connection.h"
#include "duckdb/error.h"
#include "duckdb/handle.h"

namespace mainstem::duckdb {

/// A stream and whether a query has begun to read it.
struct RegisteredStream {
  std::string id;
  StreamInput input;
  std::atomic<bool> taken = false;
};

/// The streams that `mainstem_stream` finds by name. Thread-safe.
class StreamRegistry {
 public:
  explicit StreamRegistry(std::shared_ptr<ErrorSlot> errors) : errors_(std::move(errors)) {}

  /// Errors: already_exists.
  Result<void> add(const std::string& id, StreamInput input);
  void remove(const std::string& id);
  std::shared_ptr<RegisteredStream> find(const std::string& id) const;
  ErrorSlot& errors() const { return *errors_; }

 private:
  std::shared_ptr<ErrorSlot> errors_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<RegisteredStream>> streams_;
};

/// Makes the table function known to a connection. DuckDB keeps the registry as long as it needs it.
Result<void> register_stream_function(duckdb_connection connection, const std::string& name,
                                      std::shared_ptr<StreamRegistry> registry);

}  // namespace mainstem::duckdb
