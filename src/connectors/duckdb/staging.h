#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "connector/sink.h"
#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/table_change.h"

namespace mainstem::connectors::duckdb {

/// Staged tables are named "_mainstem_stage:<run>:<number>".
inline constexpr const char* kStagePrefix = "_mainstem_stage:";
std::string stage_name(const std::string& run_id, int number);
/// The run that a staged table belongs to; empty if `table` is none.
std::optional<std::string> run_of_stage(const std::string& table);

/// One target on its way: the staged table and the lanes that fill it. A lane gathers batches and hands them to an
/// INSERT of its own connection, which reads them with a table function: faster than an appender, and no thread of
/// DuckDB ever waits for rows, which could keep it from the query that makes them. Closing a lane commits its rows.
class Staging {
 public:
  /// Creates the staged table.
  static Result<std::shared_ptr<Staging>> create(Context& context, Database database,
                                                 const connector::WriteRequest& request, std::string name);

  const connector::WriteRequest& request() const { return request_; }
  const connector::TableRef& target() const { return target_; }
  /// The staged table. In the target's schema if it takes the target's place there.
  const connector::TableRef& table() const { return table_; }
  const TableChange& change() const { return change_; }
  bool finished() const { return finished_; }
  int64_t rows() const { return rows_; }
  int max_lanes() const { return max_lanes_; }

  /// A connection for one more lane. Thread-safe. Errors: resource_exhausted.
  Result<Connection> open_lane(Context& context);
  /// Thread-safe.
  void lane_closed() { ++closed_lanes_; }
  /// Counts, and looks for keys that are missing or doubled.
  Result<connector::Receipt> finish(Context& context);
  Result<std::unique_ptr<connector::BatchReader>> read_back(Context& context);

 private:
  Staging(Database database, Connection connection, const connector::WriteRequest& request, int max_lanes)
      : database_(std::move(database)), connection_(std::move(connection)), request_(request), max_lanes_(max_lanes) {}
  Result<void> check_keys();

  Database database_;
  Connection connection_;
  connector::WriteRequest request_;
  connector::TableRef target_;
  connector::TableRef table_;
  TableChange change_;
  int max_lanes_;
  std::atomic<int> opened_lanes_ = 0;
  std::atomic<int> closed_lanes_ = 0;
  bool finished_ = false;
  int64_t rows_ = 0;
};

/// The contract's view of a Staging.
std::unique_ptr<connector::StagedTable> make_staged_table(std::shared_ptr<Staging> staging);

}  // namespace mainstem::connectors::duckdb
