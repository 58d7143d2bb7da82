#include "connector/testkit/trial.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <set>

#include "columnar/status.h"

namespace mainstem::connector::testkit {
namespace {

using columnar::from_arrow;

Result<std::shared_ptr<arrow::Array>> column_of(const arrow::RecordBatch& batch, const std::string& name,
                                                arrow::Type::type type) {
  auto column = batch.GetColumnByName(name);
  if (column == nullptr) return broken("a read gives no column " + name);
  if (column->type_id() != type)
    return broken(fmt::format("column {} comes back as {}", name, column->type()->ToString()));
  return column;
}

Result<void> add_rows(const arrow::RecordBatch& batch, Rows& rows) {
  MS_ASSIGN(const auto ids, column_of(batch, "id", arrow::Type::INT64));
  MS_ASSIGN(const auto names, column_of(batch, "name", arrow::Type::STRING));
  MS_ASSIGN(const auto parts, column_of(batch, "part", arrow::Type::STRING));
  const auto& name = static_cast<const arrow::StringArray&>(*names);
  for (int64_t i = 0; i < batch.num_rows(); ++i) {
    Row row{.id = static_cast<const arrow::Int64Array&>(*ids).Value(i),
            .name = {},
            .part = static_cast<const arrow::StringArray&>(*parts).GetString(i)};
    if (name.IsValid(i)) row.name = name.GetString(i);
    rows.push_back(std::move(row));
  }
  return {};
}

}  // namespace

std::shared_ptr<arrow::Schema> rows_schema() {
  return arrow::schema(
      {arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8()), arrow::field("part", arrow::utf8())});
}

std::shared_ptr<arrow::RecordBatch> to_batch(const Rows& rows) {
  arrow::Int64Builder id;
  arrow::StringBuilder name;
  arrow::StringBuilder part;
  for (const auto& row : rows) {
    EXPECT_TRUE(id.Append(row.id).ok());
    EXPECT_TRUE((row.name ? name.Append(*row.name) : name.AppendNull()).ok());
    EXPECT_TRUE(part.Append(row.part).ok());
  }
  return arrow::RecordBatch::Make(rows_schema(), static_cast<int64_t>(rows.size()),
                                  {id.Finish().ValueOrDie(), name.Finish().ValueOrDie(), part.Finish().ValueOrDie()});
}

Rows make_rows(int64_t first, int64_t count) {
  Rows rows;
  for (int64_t id = first; id < first + count; ++id) {
    Row row{.id = id, .name = fmt::format("näme '{}'", id), .part = std::string(1, static_cast<char>('a' + id % 3))};
    if (id % 7 == 0) row.name.reset();
    rows.push_back(std::move(row));
  }
  return rows;
}

Rows expected_after(WriteMode mode, const Rows& before, const Rows& given) {
  std::set<int64_t> ids;
  std::set<std::string> parts;
  for (const auto& row : given) {
    ids.insert(row.id);
    parts.insert(row.part);
  }
  Rows after = given;
  for (const auto& row : before) {
    const bool goes = mode == WriteMode::replace || (mode == WriteMode::merge && ids.contains(row.id)) ||
                      (mode == WriteMode::partition && parts.contains(row.part));
    if (!goes) after.push_back(row);
  }
  std::ranges::sort(after);
  return after;
}

std::string shown(const Rows& rows) {
  std::string text = fmt::format("{} rows:", rows.size());
  for (size_t i = 0; i < std::min<size_t>(rows.size(), 20); ++i)
    text += fmt::format(" {}|{}|{};", rows[i].id, rows[i].name.value_or("null"), rows[i].part);
  return text;
}

int64_t ReadResult::row_count() const {
  int64_t rows = 0;
  for (const auto& batch : batches) rows += batch->num_rows();
  return rows;
}

Result<Rows> ReadResult::rows() const {
  Rows all;
  if (!rejects.empty()) return broken("a good row is rejected: " + rejects.front().reason);
  for (const auto& batch : batches) MS_TRY(add_rows(*batch, all));
  std::ranges::sort(all);
  return all;
}

Result<ReadResult> read_all(Context& context, PlannedRead& planned) {
  ReadResult result{.plan = planned.plan(), .batches = {}, .rejects = {}, .position = planned.plan().upper};
  for (const auto& partition : planned.plan().partitions) {
    MS_ASSIGN(const auto reader, planned.open(context, partition));
    while (true) {
      MS_ASSIGN(auto batch, reader->next(context));
      if (!batch) break;
      for (auto& reject : batch->rejects) result.rejects.push_back(std::move(reject));
      if (batch->rows != nullptr) result.batches.push_back(std::move(batch->rows));
      if (!planned.plan().upper && !batch->position.bytes.empty()) result.position = std::move(batch->position);
    }
  }
  if (const auto position = planned.position()) result.position = position;
  for (const auto& batch : result.batches) MS_TRY(from_arrow(batch->ValidateFull(), "checking what was read"));
  return result;
}

Error broken(const std::string& what) { return Error(ErrorCode::check_failed, what); }

Result<void> expect_rows(const Rows& found, const Rows& wanted, const std::string& when) {
  if (found == wanted) return {};
  return broken(fmt::format("{}: found {} instead of {}", when, shown(found), shown(wanted)));
}

ReadRequest Trial::reading(const std::string& name) const {
  auto request = bench.source(name);
  request.name = name;
  if (bench.types_are_declared()) request.declared = rows_schema();
  return request;
}

Result<ReadResult> Trial::read(const ReadRequest& request) {
  MS_ASSIGN(const auto source, this->source());
  MS_ASSIGN(const auto planned, source->plan_read(context, request));
  return read_all(context, *planned);
}

Result<Rows> Trial::rows(const std::string& name) {
  const auto result = read(reading(name));
  if (!result && result.error().code() == ErrorCode::not_found) return Rows();
  if (!result) return result.error();
  return result->rows();
}

WriteRequest Trial::writing(const std::string& name, WriteMode mode) const {
  auto request = bench.target(name);
  request.name = name;
  request.schema = rows_schema();
  request.mode = mode;
  if (mode == WriteMode::merge) request.key = {"id"};
  if (mode == WriteMode::partition) request.partition_by = {"part"};
  return request;
}

Result<std::unique_ptr<StagedTable>> Trial::stage(PublishUnit& unit, const WriteRequest& request,
                                                  const std::shared_ptr<arrow::RecordBatch>& batch) {
  MS_ASSIGN(auto table, unit.stage(context, request));
  context.reached("staged");
  MS_ASSIGN(const auto lane, table->open_lane(context));
  if (batch->num_rows() > 0) MS_TRY(lane->write(context, *batch));
  context.reached("written");
  MS_TRY(lane->close(context));
  context.reached("closed");
  MS_ASSIGN(const auto receipt, table->finish(context));
  context.reached("finished");
  if (receipt.rows != batch->num_rows())
    return broken(fmt::format("the receipt is for {} rows of {}", receipt.rows, batch->num_rows()));
  return table;
}

Result<std::vector<PublishedTable>> Trial::write(const std::vector<WriteRequest>& requests, const Rows& rows,
                                                 const std::string& position, const std::string& run_id) {
  MS_ASSIGN(const auto sink, this->sink());
  for (const auto& request : requests) MS_TRY(sink->check(context, request));
  MS_ASSIGN(const auto unit, sink->begin(context, run_id));
  context.reached("begun");
  StateRecords state;
  std::vector<std::unique_ptr<StagedTable>> tables;
  for (const auto& request : requests) {
    MS_ASSIGN(auto table, stage(*unit, request, to_batch(rows)));
    tables.push_back(std::move(table));
    state.push_back(state_of(request, position, run_id));
  }
  MS_ASSIGN(auto published, unit->commit(context, state));
  context.reached("committed");
  if (published.size() != requests.size()) return broken("a commit does not tell what it did with each table");
  return published;
}

Result<PublishedTable> Trial::write(const WriteRequest& request, const Rows& rows, const std::string& position) {
  MS_ASSIGN(const auto tables, write(std::vector{request}, rows, position));
  return tables.front();
}

Result<std::string> Trial::published_position(const WriteRequest& request) {
  MS_ASSIGN(const auto sink, this->sink());
  auto without_schema = request;
  without_schema.schema = nullptr;
  MS_ASSIGN(const auto state, sink->published_state(context, kPipeline, {without_schema}));
  std::string position;
  for (const auto& record : state) {
    if (record.target != request.name) continue;
    if (!position.empty()) return broken("two positions of one source in one target");
    if (record.pipeline != kPipeline || record.source != kSource)
      return broken("state comes back under other names: " + record.pipeline + ", " + record.source);
    if (record.position.bytes != position_of(record.position.printable).bytes)
      return broken("a position's bytes do not come back");
    position = record.position.printable;
  }
  return position;
}

Result<std::vector<std::string>> Trial::discovered(const std::string& pattern) {
  MS_ASSIGN(const auto source, this->source());
  MS_ASSIGN(const auto tables, source->discover(context, pattern));
  std::vector<std::string> names;
  // A server may hold tables of others, which come and go meanwhile.
  const auto own = bench.discovered("any").schema;
  for (const auto& table : tables)
    if (own.empty() || table.table.schema.starts_with(own)) names.push_back(table.table.to_string());
  std::ranges::sort(names);
  return names;
}

Position position_of(const std::string& printable) {
  return {.bytes = std::string("\0'\xFF\n", 4) + printable, .printable = printable};
}

StateRecord state_of(const WriteRequest& request, const std::string& position, const std::string& run_id) {
  return {.pipeline = kPipeline,
          .source = kSource,
          .target = request.name,
          .position = position_of(position),
          .run_id = run_id,
          .published_at = "2026-01-02T00:00:00.000000Z"};
}

}  // namespace mainstem::connector::testkit
