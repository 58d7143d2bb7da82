#include "connectors/duckdb/staging.h"

#include <arrow/api.h>
#include <charconv>
#include <fmt/format.h>

#include "columnar/slices.h"
#include "connectors/duckdb/pull_reader.h"
#include "observability/context.h"

namespace mainstem::connectors::duckdb {
namespace {

using connector::quote_identifier;
using connector::quote_table;

constexpr const char* kStream = "staged rows";
constexpr int kExamples = 3;
// A lane holds this much; an INSERT costs about as much as a hundredth of it.
constexpr int64_t kFlushBytes = 16 << 20;
// A transaction holds more memory the more it has written, and nobody sees a staging table before the publish.
constexpr int64_t kCommitBytes = 512 << 20;

std::string definitions(const std::vector<ColumnDefinition>& columns) {
  std::vector<std::string> items;
  for (const auto& column : columns) items.push_back(column.sql());
  return fmt::format("{}", fmt::join(items, ", "));
}

std::string quoted(const std::vector<std::string>& names) {
  std::vector<std::string> items;
  for (const auto& name : names) items.push_back(quote_identifier(name));
  return fmt::format("{}", fmt::join(items, ", "));
}

std::string shown(const std::vector<mainstem::duckdb::Texts>& rows, size_t values) {
  std::vector<std::string> items;
  for (const auto& row : rows) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < values; ++i) texts.push_back(row[i].value_or("null"));
    items.push_back(fmt::format("({})", fmt::join(texts, ", ")));
  }
  return fmt::format("{}", fmt::join(items, ", "));
}

int64_t number_of(const std::vector<mainstem::duckdb::Texts>& rows) {
  int64_t number = 0;
  if (const auto& text = rows[0][0]) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

std::string stage_name(const std::string& run_id, int number) {
  return fmt::format("{}{}:{}", kStagePrefix, run_id, number);
}

std::optional<std::string> run_of_stage(const std::string& table) {
  const std::string_view prefix = kStagePrefix;
  const auto end = table.rfind(':');
  if (!table.starts_with(prefix) || end < prefix.size()) return std::nullopt;
  return table.substr(prefix.size(), end - prefix.size());
}

Result<std::shared_ptr<Staging>> Staging::create(Context& context, Database database,
                                                 const connector::WriteRequest& request, std::string name) {
  MS_ASSIGN(const auto options, target_fields().read(request.options));
  MS_ASSIGN(auto connection, database.connect(&context.cancellation));
  auto staging = std::shared_ptr<Staging>(
      new Staging(std::move(database), std::move(connection), request, std::max(1, context.threads)));
  MS_ASSIGN(staging->target_, resolve(request.table.empty() ? options.table : request.table));
  auto& own = staging->connection_;
  MS_ASSIGN(const auto existing, find_table(own, staging->target_));
  MS_ASSIGN(const auto catalog, catalog_of(own));
  staging->target_.catalog = catalog;
  if (existing) staging->target_ = existing->name;
  MS_ASSIGN(staging->change_, plan_change(request, existing, options));
  MS_ASSIGN(const bool beside, has_schema(own, staging->target_.schema));
  // A table can be renamed, but not moved to another schema.
  const bool takes_place = staging->change_.create && beside;
  staging->table_ = {
      .schema = takes_place ? staging->target_.schema : kOwnSchema, .name = std::move(name), .catalog = catalog};
  if (!takes_place) MS_TRY(own.execute(create_schema(staging->table_)));
  MS_TRY(own.execute(
      fmt::format("CREATE TABLE {} ({})", quote_table(staging->table_), definitions(staging->change_.staged))));
  return staging;
}

Result<Connection> Staging::open_lane(Context& context) {
  if (opened_lanes_.fetch_add(1) >= max_lanes_) {
    --opened_lanes_;
    return Error(ErrorCode::resource_exhausted, fmt::format("there are {} lanes already", max_lanes_));
  }
  MS_ASSIGN(auto connection, database_.connect(&context.cancellation));
  MS_TRY(connection.execute("BEGIN TRANSACTION"));
  return connection;
}

Result<connector::Receipt> Staging::finish(Context&) {
  if (opened_lanes_ != closed_lanes_)
    return Error(ErrorCode::internal, fmt::format("{}: a lane was not closed", request_.name));
  MS_ASSIGN(const auto count, connection_.texts("SELECT count(*) FROM " + quote_table(table_)));
  rows_ = number_of(count);
  if (request_.mode == connector::WriteMode::merge) MS_TRY(check_keys());
  finished_ = true;
  return connector::Receipt{.rows = rows_, .bytes = -1};
}

Result<void> Staging::check_keys() {
  const auto keys = quoted(request_.key);
  std::vector<std::string> nulls;
  for (const auto& name : request_.key) nulls.push_back(quote_identifier(name) + " IS NULL");
  MS_ASSIGN(const auto without,
            connection_.texts(fmt::format("SELECT {} FROM {} WHERE {} LIMIT {}", keys, quote_table(table_),
                                          fmt::join(nulls, " OR "), kExamples)));
  const auto names = fmt::format("{}", fmt::join(request_.key, ", "));
  if (!without.empty())
    return Error(ErrorCode::invalid_data, fmt::format("{}: rows without a key ({}): {}", request_.name, names,
                                                      shown(without, request_.key.size())))
        .hint("filter them in a model, or add a not_null check that sends them to quarantine");
  MS_ASSIGN(const auto doubled,
            connection_.texts(fmt::format("SELECT {0}, count(*) FROM {1} GROUP BY {0} HAVING count(*) > 1 "
                                          "ORDER BY {0} LIMIT {2}",
                                          keys, quote_table(table_), kExamples)));
  if (doubled.empty()) return {};
  return Error(ErrorCode::invalid_data, fmt::format("{}: keys ({}) that occur more than once: {}", request_.name, names,
                                                    shown(doubled, request_.key.size())))
      .hint("keep one row per key in a model, for example with qualify row_number() over (...) = 1");
}

Result<std::unique_ptr<connector::BatchReader>> Staging::read_back(Context& context) {
  if (!finished_) return Error(ErrorCode::internal, "the table is not finished");
  MS_ASSIGN(auto pull,
            connection_.read(select_all(table_), {.rows = context.batch_rows, .bytes = context.batch_bytes}));
  return std::unique_ptr<connector::BatchReader>(std::make_unique<PullReader>(std::move(pull), request_.schema));
}

namespace {

class StagingLane final : public connector::Lane {
 public:
  StagingLane(std::shared_ptr<Staging> staging, Connection connection)
      : staging_(std::move(staging)), connection_(std::move(connection)) {}

  Result<void> write(Context& context, const arrow::RecordBatch& batch) override {
    const auto& schema = staging_->request().schema;
    if (batch.num_rows() == 0) return {};
    // The INSERT looks at the types; names and nullability of a batch's fields are nobody's promise.
    if (batch.num_columns() != schema->num_fields())
      return Error(ErrorCode::internal,
                   fmt::format("a batch has {} columns instead of {}", batch.num_columns(), schema->num_fields()));
    batches_.push_back(arrow::RecordBatch::Make(schema, batch.num_rows(), batch.columns()));
    bytes_ += columnar::row_bytes(batch);
    if (bytes_ < kFlushBytes) return {};
    uncommitted_ += bytes_;
    MS_TRY(flush(context));
    if (uncommitted_ < kCommitBytes) return {};
    uncommitted_ = 0;
    MS_TRY(connection_.execute("COMMIT"));
    MS_TRY(connection_.execute("BEGIN TRANSACTION"));
    return {};
  }

  Result<void> close(Context& context) override {
    MS_TRY(flush(context));
    MS_TRY(connection_.execute("COMMIT"));
    staging_->lane_closed();
    return {};
  }

 private:
  Result<void> flush(Context& context) {
    MS_TRY(context.cancellation.check());
    if (batches_.empty()) return {};
    auto batches = std::make_shared<std::vector<std::shared_ptr<arrow::RecordBatch>>>(std::exchange(batches_, {}));
    bytes_ = 0;
    mainstem::duckdb::StreamInput input{.schema = staging_->request().schema, .parallelism = 1, .open_next = {}};
    input.open_next = [batches]() -> Result<mainstem::duckdb::BatchPull> {
      if (batches->empty()) return mainstem::duckdb::BatchPull();
      return mainstem::duckdb::BatchPull([rows = std::exchange(*batches, {}),
                                          next = size_t{0}]() mutable -> Result<std::shared_ptr<arrow::RecordBatch>> {
        if (next >= rows.size()) return std::shared_ptr<arrow::RecordBatch>();
        return std::move(rows[next++]);
      });
    };
    MS_TRY(connection_.add_stream(kStream, std::move(input)));
    const auto result = connection_.execute(fmt::format(
        "INSERT INTO {} SELECT * FROM {}", quote_table(staging_->table()), connection_.stream_table(kStream)));
    connection_.remove_stream(kStream);
    if (!result) return result.error();
    return {};
  }

  std::shared_ptr<Staging> staging_;
  Connection connection_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  int64_t bytes_ = 0;        // of the batches
  int64_t uncommitted_ = 0;  // inserted since the transaction began
};

class DuckdbStagedTable final : public connector::StagedTable {
 public:
  explicit DuckdbStagedTable(std::shared_ptr<Staging> staging) : staging_(std::move(staging)) {}

  Result<std::unique_ptr<connector::Lane>> open_lane(Context& context) override {
    MS_ASSIGN(auto connection, staging_->open_lane(context));
    return std::unique_ptr<connector::Lane>(std::make_unique<StagingLane>(staging_, std::move(connection)));
  }
  int max_lanes() const override { return staging_->max_lanes(); }
  Result<connector::Receipt> finish(Context& context) override { return staging_->finish(context); }
  Result<std::unique_ptr<connector::BatchReader>> read_back(Context& context) override {
    return staging_->read_back(context);
  }

 private:
  std::shared_ptr<Staging> staging_;
};

}  // namespace

std::unique_ptr<connector::StagedTable> make_staged_table(std::shared_ptr<Staging> staging) {
  return std::make_unique<DuckdbStagedTable>(std::move(staging));
}

}  // namespace mainstem::connectors::duckdb
