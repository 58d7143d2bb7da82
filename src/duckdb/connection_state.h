#pragma once

#include <memory>
#include <string>

#include "duckdb/database.h"
#include "duckdb/handle.h"
#include "duckdb/sink_function.h"
#include "duckdb/stream_function.h"

namespace mainstem::duckdb {

struct Database::State {
  DatabaseHandle handle;
  std::atomic<int> connections = 0;
};

/// Members go in reverse: the connection first, then what its functions point to, then the database.
struct Connection::State {
  std::shared_ptr<Database::State> database;
  const Cancellation* cancellation = nullptr;
  /// Functions belong to the whole database, so each connection's have its number in their names.
  int number = 0;
  std::shared_ptr<ErrorSlot> errors = std::make_shared<ErrorSlot>();
  std::shared_ptr<StreamRegistry> streams;  ///< null until needed
  std::shared_ptr<SinkTarget> sink;         ///< null until needed
  ConnectionHandle handle;
  ArrowOptionsHandle arrow_options;
};

}  // namespace mainstem::duckdb
