#include <functional>
#include <thread>

#include "connectors/duckdb/tests/fixture.h"

namespace mainstem::connectors::duckdb {
namespace {

const Batches kTwo = {batch_of({{"id", longs({1, 2})}, {"name", texts({"one", "two"})}})};
const Batches kNext = {batch_of({{"id", longs({2, 3})}, {"name", texts({"TWO", std::nullopt})}})};

TEST(DuckdbSink, ReplaceCreatesTheFileThenTakesTheNameOver) {
  Warehouse house;
  const auto sink = house.sink();
  const auto request = request_of("t", WriteMode::replace, kTwo);
  const auto first = must(write(house.context, *sink, request, kTwo));
  EXPECT_EQ(first.name, "t");
  EXPECT_EQ(first.inserted, 2);
  EXPECT_EQ(first.deleted, 0);
  EXPECT_EQ(first.rows_after, 2);
  house.execute("CREATE VIEW v AS SELECT name FROM t; CREATE INDEX own ON t(name)");
  const auto second = must(write(house.context, *sink, request, kNext));
  EXPECT_EQ(second.inserted, 2);
  EXPECT_EQ(second.deleted, 2);
  EXPECT_EQ(house.rows("SELECT * FROM t ORDER BY id"), "2|TWO;3|null");
  EXPECT_EQ(house.rows("SELECT * FROM v ORDER BY ALL"), "TWO;null");
  EXPECT_EQ(house.rows("SELECT index_name FROM duckdb_indexes()"), "own");
  EXPECT_EQ(house.rows("SELECT table_name FROM duckdb_tables()"), "t");
}

TEST(DuckdbSink, ReplaceInAnotherSchemaWithIndexes) {
  Warehouse house;
  const auto sink = house.sink();
  auto request = request_of("mart.\"Odd \"\"Name\"", WriteMode::replace, kTwo);
  request.indexes = {{"id"}, {"name", "id"}};
  for (int i = 0; i < 2; ++i) must(write(house.context, *sink, request, kTwo));
  EXPECT_EQ(house.rows("SELECT * FROM mart.\"Odd \"\"Name\" ORDER BY id"), "1|one;2|two");
  EXPECT_EQ(house.rows("SELECT count(*) FROM duckdb_indexes() WHERE schema_name = 'mart'"), "2");
  EXPECT_EQ(sink->uri(request), "duckdb:" + house.path + "#mart.\"Odd \"\"Name\"");
}

TEST(DuckdbSink, MergeInsertsAndUpdatesByKey) {
  Warehouse house;
  const auto sink = house.sink();
  house.execute("CREATE TABLE t(id BIGINT PRIMARY KEY, name VARCHAR, note VARCHAR DEFAULT 'none')");
  house.execute("INSERT INTO t VALUES (1, 'one', 'kept'), (2, 'two', 'kept')");
  auto request = request_of("t", WriteMode::merge, kNext);
  request.key = {"id"};
  const auto merged = must(write(house.context, *sink, request, kNext));
  EXPECT_EQ(merged.inserted, 1);
  EXPECT_EQ(merged.updated, 1);
  EXPECT_EQ(merged.deleted, 0);
  EXPECT_EQ(merged.rows_after, 3);
  EXPECT_EQ(house.rows("SELECT * FROM t ORDER BY id"), "1|one|kept;2|TWO|kept;3|null|none");
  // The same rows again change nothing.
  EXPECT_EQ(must(write(house.context, *sink, request, kNext)).inserted, 0);
  EXPECT_EQ(house.rows("SELECT count(*) FROM t"), "3");
}

TEST(DuckdbSink, MergeOfKeysAloneAndIntoNothing) {
  Warehouse house;
  const auto sink = house.sink();
  auto request = request_of("t", WriteMode::merge, kTwo);
  request.key = {"id", "name"};
  EXPECT_EQ(must(write(house.context, *sink, request, kTwo)).inserted, 2);
  const auto again = must(write(house.context, *sink, request, kTwo));
  EXPECT_EQ(again.inserted, 0);
  EXPECT_EQ(again.updated, 2);
  EXPECT_EQ(house.rows("SELECT * FROM t ORDER BY id"), "1|one;2|two");
}

TEST(DuckdbSink, KeysMustBeThereOnce) {
  Warehouse house;
  const auto sink = house.sink();
  const Batches doubled = {batch_of({{"id", longs({7, 8, 7})}, {"name", texts({"a", "b", "c"})}})};
  const Batches without = {batch_of({{"id", longs({1, std::nullopt})}, {"name", texts({"a", "b"})}})};
  auto request = request_of("t", WriteMode::merge, doubled);
  request.key = {"id"};
  const auto first = write(house.context, *sink, request, doubled);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), ErrorCode::invalid_data);
  EXPECT_EQ(first.error().message(), "t: keys (id) that occur more than once: (7)");
  EXPECT_EQ(write(house.context, *sink, request, without).error().message(), "t: rows without a key (id): (null)");
  EXPECT_EQ(house.rows("SELECT table_name FROM duckdb_tables()"), "");
}

TEST(DuckdbSink, PartitionReplacesWhatItTouches) {
  Warehouse house;
  const auto sink = house.sink();
  house.execute("CREATE TABLE t(day VARCHAR, n BIGINT)");
  house.execute("INSERT INTO t VALUES ('mon', 1), ('tue', 2), ('tue', 3), (NULL, 4)");
  const Batches rows = {batch_of({{"n", longs({20, 40})}, {"day", texts({"tue", std::nullopt})}})};
  auto request = request_of("t", WriteMode::partition, rows);
  request.partition_by = {"day"};
  const auto published = must(write(house.context, *sink, request, rows));
  EXPECT_EQ(published.deleted, 3);
  EXPECT_EQ(published.inserted, 2);
  EXPECT_EQ(house.rows("SELECT * FROM t ORDER BY n"), "mon|1;tue|20;null|40");
}

TEST(DuckdbSink, ColumnsAreAddedAndWidened) {
  Warehouse house;
  const auto sink = house.sink();
  house.execute("CREATE TABLE t(id BIGINT, small INTEGER, price DECIMAL(9,2), gone VARCHAR)");
  house.execute("INSERT INTO t VALUES (1, 5, 1.25, 'x'); CREATE INDEX own ON t(gone)");
  arrow::Decimal128Builder prices(arrow::decimal128(12, 4));
  ASSERT_TRUE(prices.Append(arrow::Decimal128(12345)).ok());
  const Batches rows = {batch_of({{"ID", longs({2})},
                                  {"small", longs({1LL << 40})},
                                  {"price", prices.Finish().ValueOrDie()},
                                  {"added", texts({"new"})}})};
  for (const auto mode : {WriteMode::append, WriteMode::merge, WriteMode::partition}) {
    auto request = request_of("t", mode, rows);
    request.key = {"id"};
    request.partition_by = {"id"};
    const auto published = write(house.context, *sink, request, rows);
    ASSERT_TRUE(published) << published.error().to_string();
    EXPECT_EQ(house.rows("SELECT * FROM t ORDER BY id"), "1|5|1.2500|x|null;2|1099511627776|1.2345|null|new");
  }
  EXPECT_EQ(house.rows("SELECT data_type FROM duckdb_columns() WHERE table_name = 't' ORDER BY column_index"),
            "BIGINT;BIGINT;DECIMAL(12,4);VARCHAR;VARCHAR");
  EXPECT_EQ(house.rows("SELECT index_name FROM duckdb_indexes()"), "own");
}

struct Refusal {
  std::string what;
  std::function<void(WriteRequest&)> change;
  std::string message;
};

std::vector<Refusal> refusals() {
  return {
      {"type", [](auto& r) { r.mode = WriteMode::append; }, "column 'name' is string, but INTEGER in the table"},
      {"view", [](auto& r) { r.table = "v"; }, "main.v is a view"},
      {"no key", [](auto& r) { r.mode = WriteMode::merge; }, "mode merge needs a key"},
      {"wrong key",
       [](auto& r) {
         r.mode = WriteMode::merge;
         r.key = {"ident"};
       },
       "the key column 'ident' is not among the columns"},
      {"no partition", [](auto& r) { r.mode = WriteMode::partition; }, "mode partition needs partition_by"},
      {"index", [](auto& r) { r.indexes = {{"nmae"}}; }, "the index column 'nmae' is not among the columns"},
      {"not null",
       [](auto& r) {
         r.mode = WriteMode::append;
         r.table = "strict";
       },
       "the table needs a value in column 'needed', which is not written"},
      {"key type",
       [](auto& r) {
         r.mode = WriteMode::append;
         r.table = "keyed";
       },
       "column 'id' would have to become BIGINT, but a key or index of the table holds it"},
      {"indexed",
       [](auto& r) {
         r.mode = WriteMode::append;
         r.table = "indexed";
       },
       "column 'id' would have to become BIGINT, but a key or index of the table holds it"},
      {"key not in table",
       [](auto& r) {
         r.mode = WriteMode::merge;
         r.table = "other";
         r.key = {"name"};
       },
       "the table has no column 'name' to find its rows by"},
      {"new column",
       [](auto& r) {
         r.mode = WriteMode::append;
         r.table = "other";
         r.options = config::Node::map({{"new_columns", config::Node::scalar("error")}});
       },
       "the table has no column 'name'"},
      {"name", [](auto& r) { r.table = "a.b.c"; }, "not a table name: 'a.b.c'"},
      {"no table", [](auto& r) { r.table = ""; }, "the target t names no table"},
      {"case",
       [](auto& r) { r.schema = arrow::schema({arrow::field("a", arrow::int8()), arrow::field("A", arrow::int8())}); },
       "columns 'a' and 'A' are one name to DuckDB"},
      {"no type", [](auto& r) { r.schema = arrow::schema({arrow::field("d", arrow::decimal256(60, 2))}); },
       "the SQL engine has no type for decimal256(60, 2)"},
  };
}

TEST(DuckdbSink, CheckRefusesBeforeAnyRow) {
  Warehouse house;
  const auto sink = house.sink();
  house.execute("CREATE TABLE t(id BIGINT, name INTEGER); CREATE VIEW v AS SELECT 1 AS id");
  house.execute("CREATE TABLE strict(id BIGINT, name VARCHAR, needed INT NOT NULL)");
  house.execute("CREATE TABLE keyed(id INTEGER PRIMARY KEY, name VARCHAR)");
  house.execute("CREATE TABLE other(id BIGINT)");
  house.execute("CREATE TABLE indexed(name VARCHAR, id INTEGER); CREATE INDEX i ON indexed(id)");
  for (const auto& refusal : refusals()) {
    auto request = request_of("t", WriteMode::replace, kTwo);
    refusal.change(request);
    const auto result = sink->check(house.context, request);
    ASSERT_FALSE(result) << refusal.what;
    EXPECT_EQ(result.error().message(), refusal.message) << result.error().to_string();
  }
  EXPECT_EQ(house.rows("SELECT count(*) FROM t"), "0");
}

TEST(DuckdbSink, SeveralTablesAndStateBecomeVisibleTogether) {
  Warehouse house;
  const auto sink = house.sink();
  const auto unit = must(sink->begin(house.context, "run-7"));
  auto merged = request_of("b", WriteMode::merge, kNext);
  merged.key = {"id"};
  must(stage(house.context, *unit, request_of("a", WriteMode::replace, kTwo), kTwo));
  must(stage(house.context, *unit, merged, kNext));
  EXPECT_EQ(house.rows("SELECT table_name FROM duckdb_tables() WHERE table_name NOT LIKE '\\_mainstem%' ESCAPE '\\'"),
            "");
  const std::string bytes("\0\xff'", 3);
  const connector::StateRecords state = {{.pipeline = "p",
                                          .source = "s",
                                          .target = "a",
                                          .position = {bytes, "three bytes"},
                                          .run_id = "run-7",
                                          .published_at = "2026-01-02T00:00:00Z"},
                                         {.pipeline = "p",
                                          .source = "s",
                                          .target = "b",
                                          .position = {"x", "x"},
                                          .run_id = "run-7",
                                          .published_at = "2026-01-02T00:00:00Z"}};
  EXPECT_EQ(must(unit->commit(house.context, state)).size(), 2U);
  EXPECT_EQ(house.rows("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"), "2|2");
  WriteRequest a;
  a.name = "a";
  a.table = "a";
  auto found = must(sink->published_state(house.context, "p", {a}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].position.bytes, bytes);
  EXPECT_EQ(found[0].position.printable, "three bytes");
  EXPECT_EQ(found[0].target, "a");
  EXPECT_EQ(found[0].run_id, "run-7");
  EXPECT_TRUE(must(sink->published_state(house.context, "q", {a})).empty());
  // A later publish replaces the record.
  auto later = state;
  later[0].position = {"y", "y"};
  must(write(house.context, *sink, request_of("a", WriteMode::replace, kTwo), kTwo, {later[0]}));
  EXPECT_EQ(must(sink->published_state(house.context, "p", {a}))[0].position.bytes, "y");
  house.execute("DROP TABLE a");
  EXPECT_TRUE(must(sink->published_state(house.context, "p", {a})).empty()) << "its rows must be read again";
  EXPECT_EQ(house.rows("SELECT count(*) FROM _mainstem.state"), "2");
}

TEST(DuckdbSink, FailedCommitLeavesEverythingAsItWas) {
  Warehouse house;
  const auto sink = house.sink();
  house.execute("CREATE TABLE a(id BIGINT, name VARCHAR); INSERT INTO a VALUES (9, 'old')");
  house.execute("CREATE TABLE b(id BIGINT PRIMARY KEY, name VARCHAR); INSERT INTO b VALUES (2, 'taken')");
  const auto unit = must(sink->begin(house.context, "run-8"));
  must(stage(house.context, *unit, request_of("a", WriteMode::replace, kTwo), kTwo));
  must(stage(house.context, *unit, request_of("b", WriteMode::append, kTwo), kTwo));
  const auto failed = unit->commit(
      house.context,
      {{.pipeline = "p", .source = "s", .target = "a", .position = {"x", "x"}, .run_id = "r", .published_at = "t"}});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::invalid_data) << failed.error().to_string();
  unit->abort();
  EXPECT_EQ(house.rows("SELECT * FROM a"), "9|old");
  EXPECT_EQ(house.rows("SELECT * FROM b"), "2|taken");
  EXPECT_EQ(house.rows("SELECT table_name FROM duckdb_tables() ORDER BY ALL"), "a;b");
}

TEST(DuckdbSink, BadValuesStopTheLoadNotTheProcess) {
  Warehouse house;
  const auto sink = house.sink();
  house.execute("CREATE TYPE color AS ENUM ('red'); CREATE TABLE t(id BIGINT, name color)");
  const auto result = write(house.context, *sink, request_of("t", WriteMode::append, kTwo), kTwo);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::invalid_data) << result.error().to_string();
  EXPECT_EQ(house.rows("SELECT count(*) FROM duckdb_tables()"), "1");
}

TEST(DuckdbSink, CancelledWhileLoading) {
  Warehouse house;
  const auto sink = house.sink();
  auto unit = must(sink->begin(house.context, "run-11"));
  const auto table = must(unit->stage(house.context, request_of("t", WriteMode::replace, kTwo)));
  auto lane = must(table->open_lane(house.context));
  must(lane->write(house.context, *kTwo[0]));
  house.context.cancellation.request();
  const auto closed = lane->close(house.context);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code(), ErrorCode::cancelled) << closed.error().to_string();
  EXPECT_FALSE(table->finish(house.context));
  EXPECT_EQ(unit->commit(house.context, {}).error().code(), ErrorCode::cancelled);
  lane.reset();
  unit.reset();
  EXPECT_EQ(house.rows("SELECT count(*) FROM duckdb_tables()"), "0");
}

TEST(DuckdbSink, QuarantineIsATableLikeOthers) {
  Warehouse house;
  const auto sink = house.sink();
  const auto place = sink->quarantine_place(request_of("t", WriteMode::replace, kTwo));
  const auto request = request_of(place.table, WriteMode::append, kTwo);
  for (int i = 0; i < 2; ++i) must(write(house.context, *sink, request, kTwo));
  connector::ReadRequest back;
  back.table = place.table;
  EXPECT_EQ(must(read(house.context, *house.source(), back))->num_rows(), 4);
}

}  // namespace
}  // namespace mainstem::connectors::duckdb
