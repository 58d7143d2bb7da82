#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connector/sink.h"
#include "connectors/postgres/connection.h"
#include "connectors/postgres/write_plan.h"

namespace mainstem::connectors::postgres {

/// Staging tables begin with this in the state schema; orphans are found by it.
constexpr std::string_view kStagePrefix = "stage_";
/// SQL of the advisory lock that a session holds on each of its staging tables: without it the table is an orphan.
std::string stage_lock_key(std::string_view oid_sql);

/// One staging table in the state schema, and the lanes that fill it. Methods that take the control connection are for
/// one thread at a time; lanes are not.
class Staging {
 public:
  /// Takes the lock of the target and makes the table. Errors: conflict if another session holds the target.
  static Result<std::unique_ptr<Staging>> create(Context& context, Connection& control,
                                                 const ConnectionOptions& options, WritePlan plan,
                                                 const std::string& run_id);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  Result<std::unique_ptr<connector::Lane>> open_lane(Context& context);
  int max_lanes() const { return max_lanes_; }
  /// Counts, checks the key, builds what the table needs to become the target.
  Result<connector::Receipt> finish(Context& context, Connection& control);
  /// The staged rows over a connection of its own.
  Result<std::unique_ptr<connector::BatchReader>> read_back(Context& context);

  bool finished() const { return finished_; }
  int64_t rows() const { return rows_; }
  const WritePlan& plan() const { return plan_; }
  const std::string& name() const { return name_; }
  std::string table() const;  ///< quoted, with its schema
  /// Constraints and indexes by the names they have now and shall have at last.
  struct Rename {
    bool constraint;
    std::string from;
    std::string to;
  };
  const std::vector<Rename>& renames() const { return renames_; }
  /// Server processes of lanes that have not ended.
  std::set<int> open_lanes() const;

 private:
  Staging(const ConnectionOptions& options, WritePlan plan) : options_(options), plan_(std::move(plan)) {}
  std::string definition(Connection& control) const;
  Result<void> make_table(Context& context, Connection& control, const std::string& run_id);
  Result<void> check_key(Context& context, Connection& control);
  Result<void> check_fit(Context& context, Connection& control);
  Error does_not_fit(Context& context, Connection& control, const WriteColumn& column, int64_t rows);
  Result<void> carry_over(Context& context, Connection& control);
  Result<void> carry_over_indexes(Context& context, Connection& control);
  Result<void> add_indexes(Context& context, Connection& control);
  Result<std::unique_ptr<connector::Lane>> start_lane(Context& context);
  void lane_ended(int process, int64_t rows);

  const ConnectionOptions options_;
  WritePlan plan_;
  std::string name_;
  int max_lanes_ = 1;
  bool finished_ = false;
  int64_t rows_ = 0;
  std::vector<Rename> renames_;
  mutable std::mutex mutex_;
  int lanes_ = 0;
  int64_t rows_taken_ = 0;
  std::set<int> processes_;
};

}  // namespace mainstem::connectors::postgres
