#pragma once

#include <arrow/api.h>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include "connector/testkit/test_context.h"
#include "connectors/postgres/connection.h"
#include "connectors/postgres/options.h"
#include "connectors/postgres/source.h"

namespace mainstem::connectors::postgres {

/// The parts of "postgresql://user:password@host:port/database", as the service script gives it.
inline ConnectionOptions options_of(std::string url) {
  const auto take = [&url](std::string_view until) {
    const auto at = url.find(until);
    auto part = url.substr(0, at);
    url.erase(0, at == std::string::npos ? url.size() : at + until.size());
    return part;
  };
  ConnectionOptions options;
  take("://");
  options.user = take(":");
  options.password = Secret(take("@"));
  options.host = take(":");
  options.port = std::stoi(take("/"));
  options.database = url;
  return options;
}

/// Each test has a schema and a state schema of its own on the server that tests/services/postgres.sh started, both
/// removed at the end. Without a server the tests are skipped.
class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* url = std::getenv("MAINSTEM_TEST_POSTGRES");
    if (url == nullptr) GTEST_SKIP() << "MAINSTEM_TEST_POSTGRES is not set; see tests/services/postgres.sh";
    options = options_of(url);
    static int count = 0;
    schema = fmt::format("test_{}_{}", getpid(), ++count);
    options.state_schema = schema + "_state";
    auto opened = Connection::open(context, options);
    ASSERT_TRUE(opened) << opened.error().to_string();
    server = *std::move(opened);
    run("CREATE SCHEMA " + schema);
  }
  void TearDown() override {
    if (server == nullptr) return;
    // Also after a test that asked to stop.
    connector::testkit::TestContext other;
    const auto done = server->run(
        other, fmt::format("DROP SCHEMA IF EXISTS {0} CASCADE; DROP SCHEMA IF EXISTS {0}_state CASCADE", schema));
    EXPECT_TRUE(done) << done.error().to_string();
  }

  void run(const std::string& sql) {
    const auto done = server->run(context, sql);
    ASSERT_TRUE(done) << sql << ": " << done.error().to_string();
  }
  /// The first column of the first row.
  std::string value(const std::string& sql) {
    const auto rows = server->query(context, sql);
    if (!rows) return rows.error().to_string();
    return rows->count() == 0 ? "(no row)" : rows->text(0, 0);
  }
  std::string in_schema(const std::string& table) const { return schema + "." + table; }

  connector::ReadRequest request(const std::string& table) const {
    connector::ReadRequest read;
    read.name = "source";
    read.table = in_schema(table);
    return read;
  }
  static config::Node node(std::initializer_list<std::pair<std::string, std::string>> options) {
    auto map = config::Node::map({});
    for (const auto& [key, value] : options) map.set(key, config::Node::scalar(value));
    return map;
  }

  struct Read {
    std::shared_ptr<arrow::Schema> schema;
    std::shared_ptr<arrow::Table> table;
    std::vector<columnar::Reject> rejects;
    connector::ReadPlan plan;
    int batches = 0;
  };
  Result<Read> read(const connector::ReadRequest& request) {
    const auto source = make_source(options);
    MS_ASSIGN(const auto planned, source->plan_read(context, request));
    return read_all(*planned);
  }
  Result<Read> read_all(connector::PlannedRead& planned) {
    Read result{.schema = planned.plan().schema, .table = nullptr, .rejects = {}, .plan = planned.plan()};
    arrow::RecordBatchVector batches;
    for (const auto& partition : planned.plan().partitions) {
      MS_ASSIGN(const auto reader, planned.open(context, partition));
      while (true) {
        MS_ASSIGN(auto batch, reader->next(context));
        if (!batch) break;
        for (auto& reject : batch->rejects) result.rejects.push_back(std::move(reject));
        if (batch->rows != nullptr) batches.push_back(batch->rows);
      }
    }
    for (const auto& batch : batches) EXPECT_TRUE(batch->ValidateFull().ok()) << batch->ValidateFull().ToString();
    result.batches = static_cast<int>(batches.size());
    result.table = arrow::Table::FromRecordBatches(result.schema, batches).ValueOrDie();
    return result;
  }
  /// A value of a read table as Arrow prints it.
  static std::string cell(const Read& read, const std::string& column, int64_t row = 0) {
    const auto chunked = read.table->GetColumnByName(column);
    if (chunked == nullptr) return "(no column)";
    if (row >= chunked->length()) return "(no row)";
    return chunked->GetScalar(row).ValueOrDie()->ToString();
  }

  connector::testkit::TestContext test;
  Context& context = test.context;
  ConnectionOptions options;
  std::string schema;
  std::unique_ptr<Connection> server;
};

}  // namespace mainstem::connectors::postgres
