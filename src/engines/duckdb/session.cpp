#include "engines/duckdb/session.h"

#include <arrow/api.h>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <map>

#include "columnar/status.h"
#include "duckdb/database.h"
#include "duckdb/identifier.h"
#include "engines/duckdb/schema_rules.h"
#include "engines/duckdb/user_sql.h"
#include "observability/context.h"

namespace mainstem::engines::duckdb {
namespace {

using mainstem::duckdb::BatchLane;
using mainstem::duckdb::BatchPull;
using mainstem::duckdb::Connection;
using mainstem::duckdb::Database;
using mainstem::duckdb::quote_name;

/// A folder of our own, gone with this object.
class SpillFolder {
 public:
  static Result<SpillFolder> make(const std::string& parent) {
    auto path = parent + "/engine-XXXXXX";
    if (mkdtemp(path.data()) == nullptr)
      return Error(ErrorCode::unavailable, fmt::format("no folder can be made in {}", parent))
          .hint("the scratch directory must exist and be writable");
    return SpillFolder(path);
  }
  SpillFolder(SpillFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  SpillFolder& operator=(SpillFolder&&) = delete;
  ~SpillFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit SpillFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

class LaneAdapter final : public BatchLane {
 public:
  explicit LaneAdapter(std::unique_ptr<engine::OutputLane> lane) : lane_(std::move(lane)) {}
  Result<void> write(const std::shared_ptr<arrow::RecordBatch>& batch) override { return lane_->write(batch); }
  Result<void> close() override { return lane_->close(); }

 private:
  std::unique_ptr<engine::OutputLane> lane_;
};

mainstem::duckdb::StreamInput to_stream_input(engine::InputStreams input) {
  mainstem::duckdb::StreamInput result{.schema = std::move(input.schema),
                                       .parallelism = input.parallelism,
                                       .estimated_rows = input.estimated_rows,
                                       .open_next = {}};
  result.open_next = [open = std::move(input.open_next)]() -> Result<BatchPull> {
    MS_ASSIGN(std::shared_ptr<engine::BatchStream> stream, open());
    if (stream == nullptr) return BatchPull();
    return BatchPull([stream] { return stream->next(); });
  };
  return result;
}

class DuckDbSession final : public engine::Session {
 public:
  DuckDbSession(Context& context, SpillFolder spill, Connection connection, UserSql rules)
      : context_(context), spill_(std::move(spill)), connection_(std::move(connection)), rules_(std::move(rules)) {}

  Result<void> add_stream(const std::string& name, engine::InputStreams input) override {
    MS_TRY(check_column_names(*input.schema, name));
    MS_TRY(reserve(name, Kind::stream));
    MS_TRY(connection_.add_stream(name, to_stream_input(std::move(input))));
    return define(name,
                  fmt::format("CREATE VIEW {} AS SELECT * FROM {}", quote_name(name), connection_.stream_table(name)));
  }

  Result<void> add_view(const std::string& name, const std::string& sql) override {
    MS_ASSIGN(const auto select, checked(sql));
    MS_TRY(described(select));
    MS_TRY(reserve(name, Kind::view));
    return define(name, fmt::format("CREATE VIEW {} AS {}", quote_name(name), select));
  }

  Result<void> add_text_function(const std::string& name, engine::TextFunction function) override {
    return connection_.add_text_function(name, std::move(function));
  }

  Result<int64_t> land(const std::string& name, const std::string& sql) override {
    MS_ASSIGN(const auto select, checked(sql));
    MS_TRY(described(select));
    MS_TRY(reserve(name, Kind::table));
    auto rows = connection_.execute(fmt::format("CREATE TABLE {} AS {}", quote_name(name), select));
    if (!rows) kinds_.erase(key(name));
    return rows;
  }

  Result<void> drop(const std::string& name) override {
    const auto known = kinds_.find(key(name));
    if (known == kinds_.end()) return Error(ErrorCode::not_found, fmt::format("there is no table {}", name));
    const auto what = known->second == Kind::table ? "TABLE" : "VIEW";
    MS_TRY(connection_.execute(fmt::format("DROP {} {}", what, quote_name(name))));
    connection_.remove_stream(name);
    kinds_.erase(known);
    return {};
  }

  Result<std::shared_ptr<arrow::Schema>> describe(const std::string& sql) override {
    MS_ASSIGN(const auto select, checked(sql));
    return described(select);
  }

  Result<int64_t> stream(const std::string& sql, const engine::LaneOpener& open_lane) override {
    MS_ASSIGN(const auto select, checked(sql));
    MS_TRY(described(select));
    const auto open = [&]() -> Result<std::unique_ptr<BatchLane>> {
      MS_ASSIGN(auto lane, open_lane());
      return std::unique_ptr<BatchLane>(std::make_unique<LaneAdapter>(std::move(lane)));
    };
    return connection_.stream(select, open, {.rows = context_.batch_rows, .bytes = context_.batch_bytes});
  }

  Result<std::shared_ptr<arrow::Table>> fetch(const std::string& sql, int64_t max_rows) override {
    MS_ASSIGN(const auto select, checked(sql));
    MS_ASSIGN(const auto description, connection_.describe(select));
    const auto limited = fmt::format("SELECT * FROM ({}\n) LIMIT {}", select, std::max<int64_t>(0, max_rows));
    MS_ASSIGN(const auto pull, connection_.read(limited, {.rows = context_.batch_rows, .bytes = context_.batch_bytes}));
    arrow::RecordBatchVector batches;
    for (;;) {
      MS_ASSIGN(const auto batch, pull());
      if (batch == nullptr) break;
      // The subquery has renamed columns of one name.
      batches.push_back(arrow::RecordBatch::Make(description.schema, batch->num_rows(), batch->columns()));
    }
    return columnar::from_arrow(arrow::Table::FromRecordBatches(description.schema, batches));
  }

 private:
  enum class Kind { stream, view, table };

  // DuckDB compares names without regard to the case of letters.
  static std::string key(const std::string& name) { return lower_case(name); }

  Result<std::string> checked(const std::string& sql) const { return rules_.check(sql); }

  Result<std::shared_ptr<arrow::Schema>> described(const std::string& select) {
    MS_ASSIGN(const auto description, connection_.describe(select));
    if (!description.is_select)
      return Error(ErrorCode::invalid_config, "only SELECT can be used here").hint("write a query that only reads");
    MS_TRY(check_column_names(*description.schema, "the query"));
    return description.schema;
  }

  Result<void> reserve(const std::string& name, Kind kind) {
    if (!kinds_.emplace(key(name), kind).second)
      return Error(ErrorCode::already_exists, fmt::format("there is already a table {}", name))
          .hint("names of sources and models differ by more than upper and lower case");
    return {};
  }

  Result<void> define(const std::string& name, const std::string& statement) {
    auto result = connection_.execute(statement);
    if (result) return {};
    connection_.remove_stream(name);
    kinds_.erase(key(name));
    return std::move(result).error();
  }

  Context& context_;
  SpillFolder spill_;  // outlives the connection, which still removes files of its own
  Connection connection_;
  UserSql rules_;
  std::map<std::string, Kind> kinds_;
};

}  // namespace

Result<std::unique_ptr<engine::Session>> open_session(Context& context, const engine::SessionLimits& limits) {
  MS_ASSIGN(auto spill, SpillFolder::make(context.scratch_directory));
  // Some aggregates, sorts and our own batches go past DuckDB's limit: leave them a fifth.
  const ByteCount memory{limits.memory.bytes / 5 * 4};
  MS_ASSIGN(const auto database, Database::open({.path = "",
                                                 .read_only = false,
                                                 .threads = limits.threads,
                                                 .memory = memory,
                                                 .spill_folder = spill.path() + "/spill",
                                                 .spill = limits.spill,
                                                 .keep_order = false}));
  MS_ASSIGN(auto connection, database.connect(&context.cancellation));
  // These rewrite a query so that it reads a table twice, which a stream cannot bear.
  MS_TRY(connection.execute("SET disabled_optimizers = 'window_self_join,late_materialization'"));
  MS_ASSIGN(auto rules, UserSql::make(connection));
  MS_TRY(database.seal(connection));
  return std::unique_ptr<engine::Session>(
      std::make_unique<DuckDbSession>(context, std::move(spill), std::move(connection), std::move(rules)));
}

}  // namespace mainstem::engines::duckdb
