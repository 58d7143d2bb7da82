#include "connectors/duckdb/tests/fixture.h"

namespace mainstem::connectors::duckdb {
namespace {

using connector::Position;
using connector::ReadRequest;

std::string shown(const arrow::RecordBatch& rows) {
  std::string text;
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    if (row > 0) text += ";";
    for (int i = 0; i < rows.num_columns(); ++i) {
      const auto scalar = rows.column(i)->GetScalar(row).ValueOrDie();
      text += (i == 0 ? "" : "|") + (scalar->is_valid ? scalar->ToString() : std::string("null"));
    }
  }
  return text;
}

ReadRequest table_request(const std::string& table, std::vector<std::string> columns = {}) {
  ReadRequest request;
  request.name = "s";
  request.table = table;
  request.columns = std::move(columns);
  return request;
}

ReadRequest query_request(const std::string& query) {
  ReadRequest request;
  request.name = "s";
  request.options = config::Node::map({{"query", config::Node::scalar(query)}});
  return request;
}

TEST(DuckdbSource, TablesViewsAndQueries) {
  Warehouse house;
  house.execute("CREATE SCHEMA mart; CREATE TABLE mart.t(\"Id\" INT, \"odd \"\"name\" VARCHAR)");
  house.execute(
      "INSERT INTO mart.t VALUES (1, 'a'), (2, NULL); CREATE VIEW v AS SELECT \"Id\" * 2 AS twice FROM mart.t");
  const auto source = house.source();
  EXPECT_EQ(shown(*must(read(house.context, *source, table_request("mart.t")))), "1|a;2|null");
  EXPECT_EQ(shown(*must(read(house.context, *source, table_request("mart.t", {"odd \"name", "Id"})))), "a|1;null|2");
  EXPECT_EQ(shown(*must(read(house.context, *source, table_request("v")))), "2;4");
  EXPECT_EQ(shown(*must(read(house.context, *source, query_request("SELECT count(*) AS n FROM mart.t -- all")))), "2");
  auto filtered = table_request("mart.t", {"Id"});
  filtered.where = "\"Id\" > 1 -- only new ones";
  EXPECT_EQ(shown(*must(read(house.context, *source, filtered))), "2");
}

TEST(DuckdbSource, TypesComeAsDeclared) {
  Warehouse house;
  house.execute(
      "CREATE TABLE t AS SELECT 170141183460469231731687303715884105727::HUGEINT // 1000 AS h, "
      "'11111111-2222-3333-4444-555555555555'::UUID AS u, [1, 2] AS l, 7::BIGINT AS b, "
      "[1, 2]::INTEGER[2] AS a, union_value(num := 1) AS one_of");
  const auto source = house.source();
  EXPECT_EQ(shown(*must(read(house.context, *source, table_request("t", {"h", "u", "b"})))),
            "170141183460469231731687303715884105|11111111-2222-3333-4444-555555555555|7");
  EXPECT_EQ(must(read(house.context, *source, table_request("t", {"a", "one_of"})))->schema()->ToString(),
            "a: list<item: int32>\none_of: string");
  auto request = table_request("t", {"b"});
  request.declared = arrow::schema({arrow::field("b", arrow::int8())});
  EXPECT_EQ(must(read(house.context, *source, request))->schema()->ToString(), "b: int8");
  house.execute("UPDATE t SET b = 1000");
  EXPECT_EQ(read(house.context, *source, request).error().code(), ErrorCode::invalid_data);
}

TEST(DuckdbSource, LargeTablesAreReadInPartsOfOneSnapshot) {
  Warehouse house;
  house.context.context.threads = 3;
  house.execute("CREATE TABLE t AS SELECT range AS n FROM range(3500000)");
  house.execute("DELETE FROM t WHERE n % 7 = 0");
  const auto source = house.source();
  const auto planned = must(source->plan_read(house.context, table_request("t")));
  EXPECT_EQ(planned->plan().partitions.size(), 3U);
  const auto rows = must(read(house.context, *source, table_request("t")));
  std::vector<bool> seen(3'500'000, false);
  const auto& values = static_cast<const arrow::Int64Array&>(*rows->column(0));
  for (int64_t i = 0; i < values.length(); ++i) {
    ASSERT_FALSE(seen[static_cast<size_t>(values.Value(i))]);
    seen[static_cast<size_t>(values.Value(i))] = true;
  }
  EXPECT_EQ(values.length(), 3'000'000);
}

struct CursorCase {
  std::string column;
  std::optional<std::string> after;
  std::string lookback;
  std::string rows;
  std::string upper;
};

TEST(DuckdbSource, CursorsReadWhatIsNew) {
  Warehouse house;
  house.execute(
      "CREATE TABLE t(id BIGINT, \"at\" TIMESTAMP, zoned TIMESTAMPTZ, day DATE, amount DECIMAL(9,2), code VARCHAR)");
  house.execute(
      "INSERT INTO t SELECT range, TIMESTAMP '2026-01-01 00:00:00.000001' + to_hours(range), "
      "TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_hours(range), DATE '2026-01-01' + range::INT, range / 4, "
      "'c''' || range FROM range(5)");
  house.execute("INSERT INTO t(amount) VALUES (-1)");
  const std::vector<CursorCase> cases = {
      {"id", std::nullopt, "", "0;1;2;3;4;null", "4"},
      {"id", "2", "", "3;4;null", "4"},
      {"id", "4", "", "null", "4"},
      {"id", "9", "", "null", "9"},
      {"id", "4", "1", "3;4;null", "4"},
      {"at", "2026-01-01 02:00:00.000001", "", "3;4;null", "2026-01-01 04:00:00.000001"},
      {"at", "2026-01-01 04:00:00.000001", "1h", "3;4;null", "2026-01-01 04:00:00.000001"},
      {"zoned", "2026-01-01 04:00:00+02", "", "3;4;null", "2026-01-01 04:00:00+00"},
      {"day", "2026-01-04", "", "4;null", "2026-01-05"},
      {"amount", "0.50", "", "3;4", "1.00"},
      {"code", "c'2", "", "3;4;null", "c'4"},
  };
  const auto source = house.source();
  for (const auto& given : cases) {
    auto request = table_request("t", {"id"});
    request.cursor = connector::CursorRange{.column = given.column, .after = {}, .lookback = given.lookback};
    if (given.after) request.cursor->after = Position{*given.after, *given.after};
    const auto planned = must(source->plan_read(house.context, request));
    EXPECT_EQ(planned->plan().upper->printable, given.upper) << given.column;
    EXPECT_EQ(shown(*must(read(house.context, *source, request))), given.rows) << given.column;
  }
}

TEST(DuckdbSource, BadCursorsAreRefused) {
  Warehouse house;
  house.execute("CREATE TABLE t(id BIGINT, flag BOOLEAN)");
  const auto source = house.source();
  const auto error_of = [&](const std::string& column, const std::string& after, const std::string& lookback) {
    auto request = table_request("t");
    request.cursor = connector::CursorRange{.column = column, .after = Position{after, after}, .lookback = lookback};
    const auto planned = source->plan_read(house.context, request);
    return planned ? ErrorCode::internal : planned.error().code();
  };
  EXPECT_EQ(error_of("no", "1", ""), ErrorCode::invalid_config);
  EXPECT_EQ(error_of("flag", "true", ""), ErrorCode::invalid_config);
  EXPECT_EQ(error_of("id", "1", "1h"), ErrorCode::invalid_config);
  EXPECT_EQ(error_of("id", "x'); DROP TABLE t", ""), ErrorCode::invalid_data);
  // A table without rows has no position yet.
  auto request = table_request("t");
  request.cursor = connector::CursorRange{.column = "id", .after = {}, .lookback = ""};
  EXPECT_FALSE(must(source->plan_read(house.context, request))->plan().upper);
}

TEST(DuckdbSource, MistakesAreErrorsWithAHint) {
  Warehouse house;
  house.execute("CREATE TABLE orders(id INT)");
  const auto source = house.source();
  const auto missing = source->plan_read(house.context, table_request("order"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
  EXPECT_EQ(missing.error().hint(), "tables: main.orders");
  EXPECT_EQ(source->plan_read(house.context, table_request("orders", {"idd"})).error().code(),
            ErrorCode::invalid_config);
  EXPECT_EQ(source->plan_read(house.context, query_request("SELECT nope FROM orders")).error().code(),
            ErrorCode::invalid_config);
  EXPECT_EQ(source->plan_read(house.context, query_request("DELETE FROM orders")).error().code(),
            ErrorCode::invalid_config);
  EXPECT_EQ(source->plan_read(house.context, query_request("SELECT 1; SELECT 2")).error().code(),
            ErrorCode::invalid_config);
  EXPECT_FALSE(source->plan_read(house.context, query_request("SELECT * FROM read_csv('/etc/passwd')")));
  EXPECT_EQ(source->plan_read(house.context, ReadRequest{}).error().code(), ErrorCode::invalid_config);
  auto filtered = table_request("orders");
  filtered.where = "nope > 1";
  EXPECT_EQ(source->plan_read(house.context, filtered).error().code(), ErrorCode::invalid_config);
}

TEST(DuckdbSource, DiscoversTablesWithKeysAndComments) {
  Warehouse house;
  house.execute(
      "CREATE SCHEMA mart; CREATE TABLE mart.sales(a INT, b VARCHAR, n DECIMAL(9,2) NOT NULL, PRIMARY KEY (b, a))");
  house.execute("INSERT INTO mart.sales VALUES (1, 'x', 2); COMMENT ON TABLE mart.sales IS 'what was sold'");
  house.execute(
      "CREATE VIEW names AS SELECT b FROM mart.sales; CREATE SCHEMA _mainstem; CREATE TABLE _mainstem.state(x INT)");
  const auto source = house.source();
  const auto all = must(source->discover(house.context, ""));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].table.to_string(), "main.names");
  EXPECT_EQ(all[0].kind, "view");
  const auto& sales = all[1];
  EXPECT_EQ(sales.table.to_string(), "mart.sales");
  EXPECT_EQ(sales.primary_key, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(sales.estimate.rows, 1);
  EXPECT_EQ(sales.comment, "what was sold");
  EXPECT_EQ(sales.schema->field(2)->ToString(), "n: decimal128(9, 2) not null");
  EXPECT_EQ(sales.schema->field(2)->metadata()->Get("remote_type").ValueOr(""), "DECIMAL(9,2)");
  EXPECT_EQ(must(source->discover(house.context, "mart.*")).size(), 1U);
  EXPECT_EQ(must(source->discover(house.context, "mart.sale?")).size(), 1U);
  EXPECT_EQ(must(source->discover(house.context, "mart.[s]ales")).size(), 0U);
}

}  // namespace
}  // namespace mainstem::connectors::duckdb
