#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "connectors/postgres/sink.h"
#include "connectors/postgres/tests/server.h"

namespace mainstem::connectors::postgres {

using connector::StateRecords;
using connector::WriteMode;
using connector::WriteRequest;

/// A batch of columns id and name; "NULL" is null.
inline std::shared_ptr<arrow::RecordBatch> batch_of(const std::vector<int64_t>& ids,
                                                    const std::vector<std::string>& names) {
  arrow::Int64Builder id;
  arrow::StringBuilder name;
  EXPECT_TRUE(id.AppendValues(ids).ok());
  for (const auto& text : names) EXPECT_TRUE((text == "NULL" ? name.AppendNull() : name.Append(text)).ok());
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())}),
      static_cast<int64_t>(ids.size()), {id.Finish().ValueOrDie(), name.Finish().ValueOrDie()});
}

/// Loads batches into tables of the test's schema and looks at them.
class LoadingTest : public PostgresTest {
 protected:
  WriteRequest target(WriteMode mode, const std::shared_ptr<arrow::Schema>& columns,
                      const std::string& table = "t") const {
    WriteRequest request;
    request.name = table;
    request.table = in_schema(table);
    request.schema = columns;
    request.mode = mode;
    if (mode == WriteMode::merge) request.key = {"id"};
    if (mode == WriteMode::partition) request.partition_by = {"name"};
    return request;
  }

  static StateRecords state(const std::string& position, const std::string& run = "run") {
    return {{.pipeline = "p",
             .source = "s",
             .target = "t",
             .position = {.bytes = position, .printable = position},
             .run_id = run,
             .published_at = "2026-01-02T00:00:00.000000Z"}};
  }

  Result<void> stage(connector::PublishUnit& unit, const WriteRequest& request,
                     const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
    MS_ASSIGN(const auto staged, unit.stage(context, request));
    int64_t rows = 0;
    // A lane for each batch, as far as they go.
    for (const auto& batch : batches) {
      MS_ASSIGN(const auto lane, staged->open_lane(context));
      MS_TRY(lane->write(context, *batch));
      MS_TRY(lane->close(context));
      rows += batch->num_rows();
    }
    MS_ASSIGN(const auto receipt, staged->finish(context));
    EXPECT_EQ(receipt.rows, rows);
    return {};
  }

  Result<connector::PublishedTable> load(const WriteRequest& request, const std::shared_ptr<arrow::RecordBatch>& batch,
                                         const StateRecords& records = {}) {
    const auto sink = make_sink(options);
    MS_TRY(sink->check(context, request));
    MS_ASSIGN(const auto unit, sink->begin(context, "run"));
    MS_TRY(stage(*unit, request, {batch}));
    MS_ASSIGN(const auto tables, unit->commit(context, records));
    EXPECT_EQ(tables.size(), 1U);
    return tables.front();
  }

  std::string rows() {
    return value(fmt::format(
        "SELECT string_agg(id || coalesce(name::text, '-'), ' ' ORDER BY id, name::text) FROM {}.t", schema));
  }
  std::string stages() {
    return value(
        fmt::format("SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('{}_state') AND relname LIKE "
                    "'stage%' AND relkind = 'r'",
                    schema));
  }
  void expect_counts(const Result<connector::PublishedTable>& table, std::array<int64_t, 3> counts) {
    ASSERT_TRUE(table) << table.error().to_string();
    EXPECT_EQ(table->inserted, counts[0]);
    EXPECT_EQ(table->updated, counts[1]);
    EXPECT_EQ(table->deleted, counts[2]);
  }
};

}  // namespace mainstem::connectors::postgres
