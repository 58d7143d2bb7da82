#pragma once

#include <arrow/json/from_string.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/sqlite/sink.h"
#include "connectors/sqlite/tests/fixture.h"

namespace mainstem::connectors::sqlite {

using connector::WriteMode;
using connector::WriteRequest;

inline std::shared_ptr<arrow::Array> array(const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

/// Rows of (id int64, name utf8).
inline std::shared_ptr<arrow::RecordBatch> people(const std::string& ids, const std::string& names) {
  const auto id = array(arrow::int64(), ids);
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())}), id->length(),
      {id, array(arrow::utf8(), names)});
}

class SinkTest : public SqliteTest {
 protected:
  static WriteRequest request_for(const arrow::RecordBatch& rows, WriteMode mode, std::vector<std::string> key = {}) {
    return {.name = "people", .table = "people", .schema = rows.schema(), .mode = mode, .key = std::move(key)};
  }
  static Result<std::unique_ptr<connector::StagedTable>> fill(Context& context, connector::PublishUnit& unit,
                                                              const WriteRequest& request,
                                                              const arrow::RecordBatch& rows) {
    MS_ASSIGN(auto table, unit.stage(context, request));
    MS_ASSIGN(const auto lane, table->open_lane(context));
    MS_TRY(lane->write(context, rows));
    MS_TRY(lane->close(context));
    MS_ASSIGN(const auto receipt, table->finish(context));
    EXPECT_EQ(receipt.rows, rows.num_rows());
    return table;
  }
  Result<connector::PublishedTable> write(const WriteRequest& request, const arrow::RecordBatch& rows,
                                          const connector::StateRecords& state = {}) {
    SqliteSink sink({.path = path, .busy_timeout = std::chrono::milliseconds(20)});
    MS_TRY(sink.check(context, request));
    MS_ASSIGN(const auto unit, sink.begin(context, "01RUN"));
    MS_ASSIGN(const auto table, fill(context, *unit, request, rows));
    MS_ASSIGN(const auto published, unit->commit(context, state));
    EXPECT_EQ(published.size(), 1U);
    return published.at(0);
  }
  Result<connector::PublishedTable> write(WriteMode mode, const std::shared_ptr<arrow::RecordBatch>& rows,
                                          std::vector<std::string> key = {}) {
    return write(request_for(*rows, mode, std::move(key)), *rows);
  }
  std::string people_now() {
    return text("SELECT group_concat(id || '=' || coalesce(name, '-'), ' ') FROM (SELECT * FROM people ORDER BY id)");
  }
  int64_t stages() {
    return count("SELECT count(*) FROM sqlite_schema WHERE name LIKE '\\_mainstem\\_stage%' ESCAPE '\\'");
  }
  static std::string counts(const connector::PublishedTable& table) {
    return std::to_string(table.inserted) + "+" + std::to_string(table.updated) + "~" + std::to_string(table.deleted) +
           "-" + std::to_string(table.rows_after);
  }
};

}  // namespace mainstem::connectors::sqlite
