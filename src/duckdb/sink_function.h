#pragma once

#include <arrow/type_fwd.h>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "duckdb/chunk_collector.h"
#include "duckdb/connection.h"
#include "duckdb/error.h"
#include "duckdb/handle.h"

namespace mainstem::duckdb {

/// Where `mainstem_sink(columns...)` puts the rows it is called with: a pool of lanes, each in the hands of at most one
/// of DuckDB's threads at a time, so that there are no more lanes than threads.
class SinkTarget {
 public:
  explicit SinkTarget(std::shared_ptr<ErrorSlot> errors) : errors_(std::move(errors)) {}

  /// Prepares for one query.
  void open(std::shared_ptr<arrow::Schema> schema, duckdb_arrow_options options, BatchSize size,
            BatchLaneOpener open_lane);
  /// Takes a chunk. Thread-safe.
  Result<void> take(duckdb_data_chunk chunk);
  /// After the query has succeeded: hands on what is left and closes the lanes. Returns the rows taken.
  Result<int64_t> finish();
  /// Destroys the lanes.
  void reset();
  ErrorSlot& errors() const { return *errors_; }

 private:
  struct Lane {
    std::unique_ptr<BatchLane> lane;
    std::unique_ptr<ChunkCollector> rows;
  };
  Result<std::unique_ptr<Lane>> borrow();
  void give_back(std::unique_ptr<Lane> lane);

  std::shared_ptr<ErrorSlot> errors_;
  std::shared_ptr<arrow::Schema> schema_;
  duckdb_arrow_options options_ = nullptr;
  BatchSize size_;
  BatchLaneOpener open_lane_;
  std::atomic<int64_t> rows_ = 0;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> free_;
};

/// Makes the function known to a connection. DuckDB keeps the target as long as it needs it.
Result<void> register_sink_function(duckdb_connection connection, const std::string& name,
                                    std::shared_ptr<SinkTarget> target);

}  // namespace mainstem::duckdb
