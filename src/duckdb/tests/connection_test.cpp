#include "duckdb/connection.h"

#include <thread>

#include "duckdb/tests/fixture.h"

namespace mainstem::duckdb {
namespace {

TEST(Connection, ExecutesSeveralStatementsAndCountsTheLast) {
  auto connection = open_memory();
  EXPECT_EQ(must(connection.execute("CREATE TABLE t(a INT); INSERT INTO t VALUES (1), (2), (3)")), 3);
  EXPECT_EQ(must(connection.execute("DELETE FROM t WHERE a > $1::int", {"1"})), 2);
  EXPECT_EQ(must(connection.execute("CREATE TABLE u AS SELECT * FROM range(7)")), 7);
}

TEST(Connection, TextsCarryNullsAndParameters) {
  auto connection = open_memory();
  const auto rows = must(connection.texts("SELECT $1, NULL, 12.50::decimal(9,2), $2", {"it's", std::nullopt}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0], (Texts{"it's", std::nullopt, "12.50", std::nullopt}));
}

struct BadSql {
  std::string sql;
  ErrorCode code;
  int line, column;
};

TEST(Connection, ErrorsCarryCodeAndPlace) {
  auto connection = open_memory();
  const std::vector<BadSql> cases = {
      {"selec 1", ErrorCode::invalid_config, 1, 1},
      {"select a,\n  b frm t", ErrorCode::invalid_config, 2, 9},
      {"select 1 as ä,\n x from range(3)", ErrorCode::invalid_config, 2, 2},
      {"select 'ä', nosuch", ErrorCode::invalid_config, 1, 13},
      {"select * from\n nosuch", ErrorCode::invalid_config, 2, 2},
      {"select lenght('x')", ErrorCode::invalid_config, 1, 8},
  };
  for (const auto& bad : cases) {
    const auto result = connection.describe(bad.sql);
    ASSERT_FALSE(result) << bad.sql;
    EXPECT_EQ(result.error().code(), bad.code) << bad.sql;
    ASSERT_TRUE(result.error().position()) << result.error().to_string();
    EXPECT_EQ(result.error().position()->line, bad.line) << bad.sql;
    EXPECT_EQ(result.error().position()->column, bad.column) << bad.sql;
  }
}

TEST(Connection, ErrorsOfRunningQueries) {
  auto connection = open_memory();
  must(connection.execute("CREATE TABLE t(a INT PRIMARY KEY); INSERT INTO t VALUES (1)"));
  EXPECT_EQ(connection.execute("INSERT INTO t VALUES (1)").error().code(), ErrorCode::invalid_data);
  const auto cast = connection.execute("SELECT 'x'::int");
  EXPECT_EQ(cast.error().code(), ErrorCode::invalid_data);
  EXPECT_EQ(cast.error().message(), "Could not convert string 'x' to INT32");
  EXPECT_EQ(connection.describe("").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(connection.describe("select 1; select 2").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(connection.describe("select $1").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(connection.describe(std::string("select 1\0, 2", 12)).error().code(), ErrorCode::invalid_config);
  // The connection is as good as before.
  EXPECT_EQ(must(connection.texts("SELECT count(*) FROM t"))[0][0], "1");
}

TEST(Connection, CancelledBeforeAndWhileRunning) {
  Cancellation cancellation;
  auto connection = open_memory(&cancellation);
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancellation.request();
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto result = connection.execute("SELECT sum(a.range * b.range) FROM range(3000000) a, range(3000000) b");
  const auto taken = std::chrono::steady_clock::now() - begun;
  stopper.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::cancelled);
  EXPECT_LT(taken, std::chrono::seconds(5));  // it would run for hours
  EXPECT_EQ(connection.execute("SELECT 1").error().code(), ErrorCode::cancelled);
}

TEST(Connection, TextFunctionKeepsNullsAndErrors) {
  auto connection = open_memory();
  must(connection.add_text_function("mask", [](std::string_view text) -> std::optional<std::string> {
    if (text == "drop") return std::nullopt;
    return "<" + std::string(text) + ">";
  }));
  const auto rows = must(connection.texts(
      "SELECT mask(x) FROM (VALUES ('a'), (NULL), ('drop'), ('a text of more than twelve bytes')) t(x)"));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0][0], "<a>");
  EXPECT_EQ(rows[1][0], std::nullopt);
  EXPECT_EQ(rows[2][0], std::nullopt);
  EXPECT_EQ(rows[3][0], "<a text of more than twelve bytes>");
  must(connection.add_text_function(
      "fail", [](std::string_view) -> std::optional<std::string> { throw std::runtime_error("no key"); }));
  const auto failed = connection.execute("SELECT fail('x')");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), "no key");
}

}  // namespace
}  // namespace mainstem::duckdb
