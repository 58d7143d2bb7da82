#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "connector/spec.h"
#include "connector/testkit/test_context.h"
#include "connectors/duckdb/file.h"

namespace mainstem::connectors::duckdb {

connector::ConnectorSpec declare();

using connector::WriteMode;
using connector::WriteRequest;
using connector::testkit::TestContext;
using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

template <class T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
  return *std::move(result);
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
}

inline std::shared_ptr<arrow::Array> longs(const std::vector<std::optional<int64_t>>& values) {
  arrow::Int64Builder builder;
  for (const auto& value : values) EXPECT_TRUE((value ? builder.Append(*value) : builder.AppendNull()).ok());
  return builder.Finish().ValueOrDie();
}
inline std::shared_ptr<arrow::Array> texts(const std::vector<std::optional<std::string>>& values) {
  arrow::StringBuilder builder;
  for (const auto& value : values) EXPECT_TRUE((value ? builder.Append(*value) : builder.AppendNull()).ok());
  return builder.Finish().ValueOrDie();
}
inline std::shared_ptr<arrow::RecordBatch> batch_of(
    const std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays.front()->length(), arrays);
}

/// A DuckDB file of its own, and both sides of a connection to it.
struct Warehouse {
  TestContext context;
  connector::testkit::TemporaryFolder folder;
  std::string path = folder / "warehouse.duckdb";

  config::Node options(const std::string& access = "auto") const {
    return config::Node::map({{"path", config::Node::scalar(path)}, {"access", config::Node::scalar(access)}});
  }
  std::unique_ptr<connector::Sink> sink() const { return must(declare().make_sink(options())); }
  std::unique_ptr<connector::Source> source(const std::string& access = "auto") const {
    return must(declare().make_source(options(access)));
  }

  /// Runs statements, as another program would.
  void execute(const std::string& sql) const {
    const auto database = must(mainstem::duckdb::Database::open({.path = path, .threads = 2}));
    auto connection = must(database.connect());
    must(connection.execute(sql));
  }
  /// Rows as "a|b;c|d".
  std::string rows(const std::string& sql) const {
    const auto database = must(mainstem::duckdb::Database::open({.path = path, .threads = 2}));
    auto connection = must(database.connect());
    std::string text;
    for (const auto& row : must(connection.texts(sql))) {
      if (!text.empty()) text += ";";
      for (size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "|") + row[i].value_or("null");
    }
    return text;
  }
};

inline WriteRequest request_of(const std::string& table, WriteMode mode, const Batches& batches) {
  WriteRequest request;
  request.name = table;
  request.table = table;
  request.mode = mode;
  request.schema = batches.front()->schema();
  return request;
}

inline Result<connector::Receipt> stage(Context& context, connector::PublishUnit& unit, const WriteRequest& request,
                                        const Batches& batches) {
  MS_ASSIGN(const auto table, unit.stage(context, request));
  MS_ASSIGN(const auto lane, table->open_lane(context));
  for (const auto& batch : batches) MS_TRY(lane->write(context, *batch));
  MS_TRY(lane->close(context));
  return table->finish(context);
}

/// Checks, stages and publishes one table.
inline Result<connector::PublishedTable> write(Context& context, connector::Sink& sink, const WriteRequest& request,
                                               const Batches& batches, const connector::StateRecords& state = {}) {
  MS_TRY(sink.check(context, request));
  MS_ASSIGN(const auto unit, sink.begin(context, "run-1"));
  MS_TRY(stage(context, *unit, request, batches));
  MS_ASSIGN(const auto tables, unit->commit(context, state));
  return tables.at(0);
}

inline Result<std::shared_ptr<arrow::RecordBatch>> read(Context& context, connector::Source& source,
                                                        const connector::ReadRequest& request) {
  MS_ASSIGN(const auto planned, source.plan_read(context, request));
  Batches batches;
  for (const auto& partition : planned->plan().partitions) {
    MS_ASSIGN(const auto reader, planned->open(context, partition));
    while (true) {
      MS_ASSIGN(auto batch, reader->next(context));
      if (!batch) break;
      EXPECT_TRUE(batch->rows->ValidateFull().ok());
      batches.push_back(batch->rows);
    }
  }
  if (batches.empty()) return arrow::RecordBatch::MakeEmpty(planned->plan().schema).ValueOrDie();
  return arrow::ConcatenateRecordBatches(batches).ValueOrDie();
}

}  // namespace mainstem::connectors::duckdb
