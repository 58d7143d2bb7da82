#pragma once

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "connector/testkit/test_context.h"
#include "connectors/sqlite/source.h"
#include "sqlite/database.h"

namespace mainstem::connectors::sqlite {

using connector::testkit::TemporaryFolder;
using connector::testkit::TestContext;
using mainstem::sqlite::Database;

template <class T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
  return *std::move(result);
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorCode::internal : result.error().code();
}

/// A file of its own, and connections to it.
class SqliteTest : public testing::Test {
 protected:
  Database database() { return must(Database::open(path, {.create = true})); }
  void script(const std::string& sql) { must(database().execute_script(sql)); }
  int64_t count(const std::string& sql) { return must(database().integer(sql)); }
  std::string text(const std::string& sql) { return must(database().text(sql)); }

  struct ReadRows {
    std::shared_ptr<arrow::RecordBatch> rows;
    std::vector<columnar::Reject> rejects;
    connector::ReadPlan plan;
  };
  ReadRows read(const connector::ReadRequest& request) {
    SqliteSource source({.path = path});
    const auto planned = must(source.plan_read(context, request));
    ReadRows result{.rows = nullptr, .rejects = {}, .plan = planned->plan()};
    arrow::RecordBatchVector batches;
    for (const auto& partition : planned->plan().partitions) {
      const auto reader = must(planned->open(context, partition));
      while (auto batch = must(reader->next(context))) {
        EXPECT_TRUE(batch->rows->ValidateFull().ok());
        batches.push_back(batch->rows);
        for (auto& reject : batch->rejects) result.rejects.push_back(std::move(reject));
      }
    }
    result.rows = batches.empty() ? arrow::RecordBatch::MakeEmpty(planned->plan().schema).ValueOrDie()
                                  : arrow::ConcatenateRecordBatches(batches).ValueOrDie();
    return result;
  }
  ReadRows read(const std::string& table) { return read({.name = "source", .table = table}); }

  TemporaryFolder folder;
  std::string path = folder / "test.db";
  TestContext test;
  Context& context = test.context;
};

/// Column `name` as texts, nulls as "null", joined by spaces.
inline std::string values(const arrow::RecordBatch& rows, const std::string& name) {
  const auto column = rows.GetColumnByName(name);
  std::string text;
  for (int64_t i = 0; column != nullptr && i < column->length(); ++i)
    text += (i == 0 ? "" : " ") + column->GetScalar(i).ValueOrDie()->ToString();
  return text;
}

}  // namespace mainstem::connectors::sqlite
