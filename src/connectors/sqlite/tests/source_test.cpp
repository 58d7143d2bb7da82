#include "connectors/sqlite/source.h"

#include <fmt/format.h>
#include <fstream>

#include "connectors/sqlite/tests/fixture.h"

namespace mainstem::connectors::sqlite {
namespace {

using SourceTest = SqliteTest;
using connector::ReadRequest;

std::string types(const arrow::Schema& schema) {
  std::string text;
  for (const auto& field : schema.fields()) text += (text.empty() ? "" : " ") + field->type()->ToString();
  return text;
}

config::Node query(const std::string& sql) {
  auto options = config::Node::map({});
  options.set("query", config::Node::scalar(sql));
  return options;
}

TEST_F(SourceTest, ReadsDeclaredTypesExactly) {
  script(R"(CREATE TABLE t(i BIGINT, r DOUBLE PRECISION, s VARCHAR(9), b BLOB, y BOOLEAN, m DECIMAL(9,2), d DATE,
                          at DATETIME, tm TIME);
            INSERT INTO t VALUES (9223372036854775807, 0.1, 'ä', x'00ff', 1, 12.5, '2026-01-31', '2026-01-31 12:30:00.25', '12:30');
            INSERT INTO t VALUES (-9223372036854775808, 3, '', x'', 0, 7, '1969-12-31', '1900-01-01', '00:00:00.5');
            INSERT INTO t VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))");
  const auto result = read("t");
  EXPECT_TRUE(result.rejects.empty());
  EXPECT_EQ(types(*result.rows->schema()),
            "int64 double string binary bool decimal128(9, 2) date32[day] timestamp[us] time64[us]");
  EXPECT_EQ(values(*result.rows, "i"), "9223372036854775807 -9223372036854775808 null");
  EXPECT_EQ(values(*result.rows, "r"), "0.1 3 null");
  EXPECT_EQ(values(*result.rows, "s"), "ä  null");
  EXPECT_EQ(values(*result.rows, "y"), "true false null");
  EXPECT_EQ(values(*result.rows, "m"), "12.50 7.00 null");
  EXPECT_EQ(values(*result.rows, "d"), "2026-01-31 1969-12-31 null");
  EXPECT_EQ(values(*result.rows, "at"), "2026-01-31 12:30:00.250000 1900-01-01 00:00:00.000000 null");
  EXPECT_EQ(values(*result.rows, "tm"), "12:30:00.000000 00:00:00.500000 null");
}

TEST_F(SourceTest, ValuesThatDoNotFitBecomeRejects) {
  script(R"(CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, d DATE, m DECIMAL(5,2), y BOOLEAN, s TEXT);
            INSERT INTO t VALUES (1, 5, '2026-02-28', 1.5, 1, 'good');
            INSERT INTO t VALUES (2, 'abc', '2026-02-28', 1.5, 1, 's');
            INSERT INTO t VALUES (3, 5, '2026-02-30', 1.5, 1, 's');
            INSERT INTO t VALUES (4, 5, '2026-02-28', 1.555, 1, 's');
            INSERT INTO t VALUES (5, 5, '2026-02-28', 1000, 1, 's');
            INSERT INTO t VALUES (6, 5, '2026-02-28', 1.5, 2, 's');
            INSERT INTO t VALUES (7, 5, '2026-02-28', 1.5, 1, x'41');
            INSERT INTO t VALUES (8, 5, '2026-02-28', 1.5, 1, CAST(x'ff' AS TEXT));
            INSERT INTO t VALUES (9, 1.5, 'x', 'x', 'x', 's');
            INSERT INTO t VALUES (10, 6, NULL, '2.25', 'true', 'good'))");
  const auto result = read("t");
  EXPECT_EQ(values(*result.rows, "id"), "1 10");
  EXPECT_EQ(values(*result.rows, "m"), "1.50 2.25");
  std::string codes;
  for (const auto& reject : result.rejects) codes += reject.column + ":" + reject.code + " ";
  EXPECT_EQ(codes,
            "n:invalid_integer d:invalid_date m:invalid_decimal m:invalid_decimal y:invalid_boolean "
            "s:invalid_text s:invalid_text n:invalid_integer ");
  EXPECT_EQ(result.rejects[0].object, "t");
  EXPECT_EQ(result.rejects[0].reason, "row id 2: the text 'abc' does not fit type int64");
  EXPECT_EQ(result.rejects[0].raw, R"({"id":2,"n":"abc","d":"2026-02-28","m":1.5,"y":1,"s":"s"})");
}

TEST_F(SourceTest, UndeclaredColumnsAreLookedAt) {
  script(R"(CREATE TABLE t(i, r NUMERIC, mixed, b, large NUMERIC, empty, u UUID);
            INSERT INTO t VALUES (1, 1, 1, x'00', 9007199254740993, NULL, 'a-b');
            INSERT INTO t VALUES (2, 2.5, 'x', x'01', 0.5, NULL, 'c-d'))");
  const auto result = read("t");
  EXPECT_TRUE(result.rejects.empty());
  EXPECT_EQ(types(*result.rows->schema()), "int64 double string binary string string string");
  EXPECT_EQ(values(*result.rows, "mixed"), "1 x");
  EXPECT_EQ(values(*result.rows, "large"), "9007199254740993 0.5");
}

TEST_F(SourceTest, TimestampsKnowWhetherTheyHaveAZone) {
  script(R"(CREATE TABLE t(a DATETIME, b TIMESTAMP);
            INSERT INTO t VALUES ('2026-01-31T12:30:00.1230000Z', '2026-01-31 12:30:00');
            INSERT INTO t VALUES ('2026-01-31 12:30:00+02:00', '2026-01-31 12:30');
            INSERT INTO t VALUES ('2026-01-31 12:30:00', '2026-01-31 12:30'))");
  const auto result = read("t");
  EXPECT_EQ(types(*result.rows->schema()), "timestamp[us, tz=UTC] timestamp[us]");
  EXPECT_EQ(values(*result.rows, "a"), "2026-01-31 12:30:00.123000Z 2026-01-31 10:30:00.000000Z");
  ASSERT_EQ(result.rejects.size(), 1U);
  EXPECT_EQ(result.rejects[0].code, "invalid_timestamp");
}

TEST_F(SourceTest, DeclaredByTheUserWins) {
  script("CREATE TABLE t(at TIMESTAMP); INSERT INTO t VALUES (1767225600)");
  EXPECT_EQ(read("t").rejects.size(), 1U);
  const auto result =
      read({.name = "s", .table = "t", .declared = arrow::schema({arrow::field("at", arrow::int64())})});
  EXPECT_EQ(values(*result.rows, "at"), "1767225600");
}

TEST_F(SourceTest, ProjectsFiltersAndQueries) {
  script(
      "CREATE TABLE \"we\"\"ird\"(\"a b\" INTEGER, rowid TEXT); INSERT INTO \"we\"\"ird\" VALUES (1, 'x'), (2, 'y');"
      "CREATE VIEW v AS SELECT \"a b\" * 2 AS twice FROM \"we\"\"ird\"");
  const auto table =
      read({.name = "s", .table = "\"we\"\"ird\"", .columns = {"rowid", "a b"}, .where = "\"a b\" > 1 -- end"});
  EXPECT_EQ(values(*table.rows, "rowid"), "y");
  EXPECT_EQ(table.rows->schema()->field(1)->name(), "a b");
  EXPECT_EQ(values(*read("v").rows, "twice"), "2 4");
  const auto queried = read({.name = "s", .options = query("SELECT count(*) AS n FROM v; -- end"), .where = ""});
  EXPECT_EQ(values(*queried.rows, "n"), "2");
}

TEST_F(SourceTest, MistakesAreNamed) {
  script("CREATE TABLE orders(id INTEGER, at TEXT)");
  SqliteSource source({.path = path});
  const auto code = [&](const ReadRequest& request) { return code_of(source.plan_read(context, request)); };
  EXPECT_EQ(code({.name = "s", .table = "order"}), ErrorCode::not_found);
  EXPECT_EQ(source.plan_read(context, {.name = "s", .table = "order"}).error().hint(), "did you mean 'orders'?");
  EXPECT_EQ(code({.name = "s", .table = "orders", .columns = {"idd"}}), ErrorCode::not_found);
  EXPECT_EQ(code({.name = "s", .table = "orders", .where = "nosuch = 1"}), ErrorCode::invalid_config);
  EXPECT_EQ(code({.name = "s", .table = "orders", .where = "\"nosuch\" = 1"}), ErrorCode::invalid_config);
  EXPECT_EQ(code({.name = "s", .table = "orders", .cursor = connector::CursorRange{.column = "nosuch"}}),
            ErrorCode::not_found);
  EXPECT_EQ(code({.name = "s", .options = query("DELETE FROM orders")}), ErrorCode::invalid_config);
  EXPECT_EQ(code({.name = "s", .options = query("PRAGMA table_list")}), ErrorCode::invalid_config);
  EXPECT_EQ(code({.name = "s", .options = query("SELECT 1 AS a, 2 AS A")}), ErrorCode::invalid_config);
  EXPECT_EQ(code({.name = "s", .table = "other.orders"}), ErrorCode::invalid_config);
  SqliteSource missing({.path = folder / "missing.db"});
  EXPECT_EQ(code_of(missing.plan_read(context, {.name = "s", .table = "t"})), ErrorCode::not_found);
}

TEST_F(SourceTest, CursorReadsWhatIsNewAndFixesItsEnd) {
  script("CREATE TABLE t(id INTEGER, n INTEGER); INSERT INTO t VALUES (1, 10), (2, 20), (3, NULL)");
  ReadRequest request{.name = "s", .table = "t", .cursor = connector::CursorRange{.column = "n"}};
  const auto first = read(request);
  EXPECT_EQ(values(*first.rows, "id"), "1 2 3");
  ASSERT_TRUE(first.plan.upper);
  EXPECT_EQ(first.plan.upper->printable, "20");
  script("INSERT INTO t VALUES (4, 20), (5, 21)");
  request.cursor->after = first.plan.upper;
  const auto second = read(request);
  EXPECT_EQ(values(*second.rows, "id"), "3 5");
  EXPECT_EQ(second.plan.upper->printable, "21");
  request.cursor->lookback = "1";
  EXPECT_EQ(values(*read(request).rows, "id"), "2 3 4 5");
  script("DELETE FROM t WHERE n >= 20");
  EXPECT_EQ(read(request).plan.upper->printable, "20") << "a position never moves back";
}

TEST_F(SourceTest, CursorOverTimes) {
  script(
      "CREATE TABLE t(id INTEGER, at TIMESTAMP); INSERT INTO t VALUES (1, '2026-01-01 00:30:00'), (2, '2026-01-01 "
      "02:00:00')");
  ReadRequest request{.name = "s", .table = "t", .cursor = connector::CursorRange{.column = "at"}};
  request.cursor->after = read(request).plan.upper;
  EXPECT_EQ(request.cursor->after->printable, "2026-01-01 02:00:00");
  EXPECT_EQ(read(request).rows->num_rows(), 0);
  request.cursor->lookback = "2h";
  EXPECT_EQ(values(*read(request).rows, "id"), "1 2");
  request.cursor->lookback = "5";
  SqliteSource source({.path = path});
  EXPECT_EQ(code_of(source.plan_read(context, request)), ErrorCode::invalid_config);
  // A row in another form, or of another kind, would be passed over for ever.
  script("INSERT INTO t VALUES (3, '2026-01-01T01:00:00')");
  EXPECT_EQ(
      code_of(source.plan_read(context, {.name = "s", .table = "t", .cursor = connector::CursorRange{.column = "at"}})),
      ErrorCode::invalid_data);
  script("DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (4, 1767225600)");
  EXPECT_EQ(
      code_of(source.plan_read(context, {.name = "s", .table = "t", .cursor = connector::CursorRange{.column = "at"}})),
      ErrorCode::invalid_data);
}

TEST_F(SourceTest, PartsCoverEveryRowOnceUnderOneSnapshot) {
  script(
      "PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY);"
      "WITH RECURSIVE n(i) AS (SELECT -50000 UNION ALL SELECT i + 1 FROM n WHERE i < 49999) INSERT INTO t SELECT i "
      "FROM n;"
      "INSERT INTO t VALUES (9223372036854775807), (-9223372036854775808)");
  SqliteSource source({.path = path});
  const auto planned = must(source.plan_read(context, {.name = "s", .table = "t"}));
  EXPECT_EQ(planned->plan().partitions.size(), 4U);
  script("DELETE FROM t WHERE id > 0; INSERT INTO t VALUES (77777)");
  int64_t rows = 0;
  std::vector<std::unique_ptr<columnar::BatchReader>> readers;
  for (const auto& part : planned->plan().partitions) readers.push_back(must(planned->open(context, part)));
  EXPECT_EQ(code_of(planned->open(context, planned->plan().partitions[0])), ErrorCode::resource_exhausted);
  for (const auto& reader : readers)
    while (auto batch = must(reader->next(context))) rows += batch->rows->num_rows();
  EXPECT_EQ(rows, 100'002);
}

TEST_F(SourceTest, BatchesAreBounded) {
  script(
      "CREATE TABLE t(s TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT "
      "INTO t SELECT hex(zeroblob(500)) FROM n");
  context.batch_bytes = 10'000;
  SqliteSource source({.path = path});
  const auto planned = must(source.plan_read(context, {.name = "s", .table = "t"}));
  const auto reader = must(planned->open(context, planned->plan().partitions[0]));
  EXPECT_EQ(must(reader->next(context))->rows->num_rows(), 10);
  context.batch_rows = 1;
  EXPECT_EQ(must(reader->next(context))->rows->num_rows(), 1);
  test.cancellation.request();
  EXPECT_EQ(code_of(reader->next(context)), ErrorCode::cancelled);
}

TEST_F(SourceTest, DiscoversTablesWithKeysAndTypes) {
  script(
      "CREATE TABLE b(x INTEGER, y TEXT NOT NULL, PRIMARY KEY(y, x)) WITHOUT ROWID; CREATE TABLE a(z);"
      "INSERT INTO a VALUES (1), (2); CREATE VIEW v AS SELECT * FROM a; CREATE TABLE _mainstem_state(x)");
  SqliteSource source({.path = path});
  const auto all = must(source.discover(context, ""));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].table.name, "a");
  EXPECT_EQ(all[0].estimate.rows, 2);
  EXPECT_EQ(all[1].primary_key, (std::vector<std::string>{"y", "x"}));
  EXPECT_FALSE(all[1].schema->field(1)->nullable());
  EXPECT_EQ(all[1].schema->field(0)->metadata()->Get("remote_type").ValueOrDie(), "INTEGER");
  EXPECT_EQ(all[2].kind, "view");
  EXPECT_EQ(must(source.discover(context, "main.?")).size(), 3U);
  EXPECT_EQ(must(source.discover(context, "b*")).size(), 1U);
}

TEST_F(SourceTest, ProbeSaysWhatIsWrong) {
  std::ofstream(path) << std::string(2000, 'x');
  SqliteSource source({.path = path});
  const auto probes = source.probe(context);
  ASSERT_EQ(probes.size(), 1U);
  EXPECT_FALSE(probes[0].ok);
  EXPECT_NE(probes[0].detail.find("not a database"), std::string::npos) << probes[0].detail;
}

}  // namespace
}  // namespace mainstem::connectors::sqlite
