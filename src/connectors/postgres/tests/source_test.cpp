#include "connectors/postgres/source.h"

#include <chrono>
#include <set>
#include <thread>

#include "connectors/postgres/tests/server.h"

namespace mainstem::connectors::postgres {
namespace {

class SourceTest : public PostgresTest {};

TEST_F(SourceTest, RejectsWhatArrowCannotHold) {
  run(fmt::format(
      "CREATE TABLE {0}.t (id int, ts timestamp, d date, n numeric, a int[], tm time);"
      "INSERT INTO {0}.t VALUES (1, 'infinity', NULL, NULL, NULL, NULL), (2, NULL, '-infinity', NULL, NULL, "
      "NULL), (3, NULL, NULL, 'NaN', NULL, NULL), (4, NULL, NULL, 1.23456, NULL, NULL), (5, NULL, NULL, NULL, "
      "'{{{{1,2}},{{3,4}}}}', NULL), (6, NULL, NULL, NULL, '[0:1]={{1,2}}', NULL), (7, NULL, NULL, NULL, NULL, "
      "'24:00'), (8, '294276-12-31', NULL, NULL, NULL, NULL), (9, '2024-01-01', '2024-01-01', 7.5, '{{1}}', "
      "'10:00')",
      schema));
  auto wanted = request("t");
  wanted.options = node({{"numeric", "decimal(6,2)"}});
  const auto got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->table->num_rows(), 1);
  EXPECT_EQ(cell(*got, "id"), "9");
  EXPECT_EQ(cell(*got, "n"), "7.50");
  EXPECT_EQ(cell(*got, "a"), "list<item: int32>[1]");
  ASSERT_EQ(got->rejects.size(), 8U);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"ts", "infinite_value"}, {"d", "infinite_value"}, {"n", "not_a_number"},  {"n", "decimal_overflow"},
      {"a", "array_shape"},     {"a", "array_shape"},    {"tm", "out_of_range"}, {"ts", "out_of_range"}};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(got->rejects[i].column, expected[i].first) << i;
    EXPECT_EQ(got->rejects[i].code, expected[i].second) << i;
    EXPECT_EQ(got->rejects[i].object, in_schema("t"));
  }
  EXPECT_EQ(got->rejects[0].raw, R"({"id":"1","ts":"infinity","d":null,"n":null,"a":null,"tm":null})");
  EXPECT_EQ(got->rejects[3].raw, R"({"id":"4","ts":null,"d":null,"n":"1.23456","a":null,"tm":null})");
}

TEST_F(SourceTest, InfinityAndArraysAsTheOptionsSay) {
  run(
      fmt::format("CREATE TABLE {0}.t AS SELECT 'infinity'::timestamptz AS ts, '-infinity'::date AS d, "
                  "'{{{{1,2}},{{3,4}}}}'::int[] AS a",
                  schema));
  auto wanted = request("t");
  wanted.options = node({{"infinity", "clamp"}, {"arrays", "text"}});
  auto got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(cell(*got, "ts"), "9999-12-31 23:59:59.999999Z");
  EXPECT_EQ(cell(*got, "d"), "0001-01-01");
  EXPECT_EQ(cell(*got, "a"), "{{1,2},{3,4}}");
  wanted.options = node({{"infinity", "keep"}, {"arrays", "text"}});
  got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  const auto& days = static_cast<const arrow::Date32Array&>(*got->table->GetColumnByName("d")->chunk(0));
  EXPECT_EQ(days.Value(0), -INT32_MAX);
  wanted.options = node({{"infinity", "null"}, {"arrays", "text"}});
  got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(cell(*got, "ts"), "null");
}

TEST_F(SourceTest, DeclaredTypesAreHonoured) {
  run(fmt::format("CREATE TABLE {0}.t AS SELECT 1.5::numeric AS n, 7 AS i", schema));
  auto wanted = request("t");
  wanted.declared = arrow::schema({arrow::field("n", arrow::decimal128(9, 3)), arrow::field("i", arrow::utf8())});
  auto got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(cell(*got, "n"), "1.500");
  EXPECT_EQ(cell(*got, "i"), "7");
  wanted.declared = arrow::schema({arrow::field("i", arrow::date32())});
  got = read(wanted);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::unsupported);
}

TEST_F(SourceTest, ProjectionPredicateAndQueries) {
  run(
      fmt::format("CREATE TABLE {0}.t AS SELECT g AS id, 'n' || g AS \"Strange \"\"Name\", g % 2 = 0 AS even FROM "
                  "generate_series(1, 10) g",
                  schema));
  auto wanted = request("t");
  wanted.columns = {"Strange \"Name", "id"};
  wanted.where = "even -- only those";
  auto got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->schema->field_names(), wanted.columns);
  EXPECT_EQ(got->table->num_rows(), 5);

  wanted = {};
  wanted.options = node({{"query", fmt::format("SELECT id, count(*) OVER () AS n FROM {}.t; -- end\n;", schema)}});
  EXPECT_FALSE(read(wanted));  // two statements are not one query
  wanted.options = node({{"query", fmt::format("SELECT id, even FROM {}.t -- end\n ; ", schema)}});
  wanted.columns = {"even"};
  wanted.where = "id > 7";
  got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->table->num_rows(), 3);
  wanted.options = node({{"query", "SELECT 1 AS a, 2 AS a"}});
  EXPECT_FALSE(read(wanted));
}

TEST_F(SourceTest, ReadsChangeNothingAndTakeOneStatement) {
  run(fmt::format("CREATE TABLE {0}.t AS SELECT 1 AS id; CREATE TABLE {0}.kept AS SELECT 1 AS id", schema));
  auto wanted = request("t");
  wanted.where = fmt::format("true) TO STDOUT; DROP TABLE {}.kept; --", schema);
  EXPECT_FALSE(read(wanted));
  EXPECT_EQ(value(fmt::format("SELECT count(*) FROM {}.kept", schema)), "1");
}

TEST_F(SourceTest, NamesWhatIsMissing) {
  run(fmt::format("CREATE TABLE {0}.customers (id int, name text)", schema));
  auto got = read(request("custmers"));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::not_found);
  EXPECT_NE(got.error().hint().find("did you mean " + in_schema("customers")), std::string::npos) << got.error().hint();
  auto wanted = request("customers");
  wanted.columns = {"nam"};
  got = read(wanted);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::not_found);
  EXPECT_EQ(got.error().hint(), "did you mean 'name'?");
}

TEST_F(SourceTest, PartsCoverEveryRowOnceUnderConcurrentWrites) {
  run(
      fmt::format("CREATE TABLE {0}.t AS SELECT g AS id, repeat('x', 300) AS pad FROM generate_series(1, 100000) g; "
                  "ANALYZE {0}.t",
                  schema));
  const auto source = make_source(options);
  const auto planned = source->plan_read(context, request("t"));
  ASSERT_TRUE(planned) << planned.error().to_string();
  const auto& plan = (*planned)->plan();
  ASSERT_GE(plan.partitions.size(), 2U);
  EXPECT_NEAR(static_cast<double>(plan.estimate.rows), 100000, 5000);
  // The first part is open when rows change and move to new pages.
  const auto first = (*planned)->open(context, plan.partitions[0]);
  ASSERT_TRUE(first);
  run(
      fmt::format("UPDATE {0}.t SET id = -id WHERE id % 3 = 0; DELETE FROM {0}.t WHERE id % 5 = 0; INSERT INTO {0}.t "
                  "SELECT g, 'new' FROM generate_series(200000, 230000) g",
                  schema));
  const auto got = read_all(**planned);
  ASSERT_TRUE(got) << got.error().to_string();
  std::set<int> ids;
  for (const auto& chunk : got->table->GetColumnByName("id")->chunks())
    for (int64_t i = 0; i < chunk->length(); ++i) ids.insert(static_cast<const arrow::Int32Array&>(*chunk).Value(i));
  EXPECT_EQ(got->table->num_rows(), 100000);
  EXPECT_EQ(ids.size(), 100000U);
  EXPECT_EQ(*ids.begin(), 1);
  EXPECT_EQ(*ids.rbegin(), 100000);

  // Another read joins the same snapshot.
  auto joined = request("t");
  joined.snapshot = plan.snapshot;
  const auto same = read(joined);
  ASSERT_TRUE(same) << same.error().to_string();
  EXPECT_EQ(same->table->num_rows(), 100000);
}

TEST_F(SourceTest, BatchesKeepToTheirSize) {
  run(fmt::format("CREATE TABLE {0}.t AS SELECT g AS id FROM generate_series(1, 1000) g", schema));
  context.batch_rows = 1;
  auto got = read(request("t"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->batches, 1000);
  context.batch_rows = 65536;
  context.batch_bytes = 1000;
  got = read(request("t"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->table->num_rows(), 1000);
  EXPECT_GE(got->batches, 10);
}

TEST_F(SourceTest, CursorReadsWhatCameSince) {
  run(fmt::format(
      "CREATE TABLE {0}.t (id int, at timestamptz); INSERT INTO {0}.t SELECT g, '2024-01-01 UTC'::timestamptz "
      "+ g * interval '1 minute' FROM generate_series(1, 100) g; INSERT INTO {0}.t VALUES (0, NULL), (-1, "
      "'infinity')",
      schema));
  auto wanted = request("t");
  wanted.columns = {"id"};
  wanted.cursor = connector::CursorRange{.column = "at", .after = {}, .lookback = ""};
  auto got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->table->num_rows(), 102);
  ASSERT_TRUE(got->plan.upper);
  EXPECT_EQ(got->plan.upper->bytes, "2024-01-01 01:40:00+00");

  run(fmt::format("INSERT INTO {0}.t VALUES (101, '2024-01-01 02:00 UTC'), (102, '2024-01-01 01:00 UTC')", schema));
  wanted.cursor->after = got->plan.upper;
  got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->table->num_rows(), 3);  // 101, and those without a place in the order
  EXPECT_EQ(got->plan.upper->bytes, "2024-01-01 02:00:00+00");

  wanted.cursor->after = got->plan.upper;
  wanted.cursor->lookback = "1h";
  got = read(wanted);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->table->num_rows(), 2 + 41 + 2);  // 01:00 to 01:40, 01:00 again, 02:00, and the two

  // The position does not move back when the newest rows are gone.
  run(fmt::format("DELETE FROM {0}.t WHERE id > 50", schema));
  got = read(wanted);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->plan.upper->bytes, "2024-01-01 02:00:00+00");
}

TEST_F(SourceTest, CursorsOfNumbersAndTextAreComparedByTheServer) {
  run(fmt::format(
      "CREATE TABLE {0}.t (id bigint NOT NULL, n numeric, s text, u uuid, p point); INSERT INTO {0}.t SELECT "
      "g, g / 3.0, 'k' || lpad(g::text, 3, '0'), lpad(g::text, 32, '0')::uuid, point(1,1) FROM "
      "generate_series(1, 20) g",
      schema));
  const std::vector<std::pair<std::string, std::string>> afters{
      {"id", "9"}, {"n", "3.0000000000000000"}, {"s", "k009"}, {"u", "00000000-0000-0000-0000-000000000009"}};
  for (const auto& [column, after] : afters) {
    auto wanted = request("t");
    wanted.cursor = connector::CursorRange{.column = column, .after = {{after, after}}, .lookback = ""};
    const auto got = read(wanted);
    ASSERT_TRUE(got) << got.error().to_string();
    EXPECT_EQ(got->table->num_rows(), 11) << column;
  }
  auto wanted = request("t");
  wanted.cursor = connector::CursorRange{.column = "p", .after = {}, .lookback = ""};
  EXPECT_EQ(read(wanted).error().code(), ErrorCode::invalid_config);
  wanted.cursor = connector::CursorRange{.column = "s", .after = {{"k", "k"}}, .lookback = "1h"};
  EXPECT_EQ(read(wanted).error().code(), ErrorCode::invalid_config);
  wanted.cursor = connector::CursorRange{.column = "id", .after = {{"5", "5"}}, .lookback = "3"};
  EXPECT_EQ(read(wanted)->table->num_rows(), 19);
}

TEST_F(SourceTest, EmptyTablesViewsAndPartitionedTables) {
  run(fmt::format(
      "CREATE TABLE {0}.e (id int); CREATE VIEW {0}.v AS SELECT 1 AS id; CREATE TABLE {0}.p (id int) PARTITION "
      "BY RANGE (id); CREATE TABLE {0}.p1 PARTITION OF {0}.p FOR VALUES FROM (0) TO (10); INSERT INTO {0}.p "
      "VALUES (1), (2)",
      schema));
  EXPECT_EQ(read(request("e"))->table->num_rows(), 0);
  EXPECT_EQ(read(request("v"))->table->num_rows(), 1);
  EXPECT_EQ(read(request("p"))->table->num_rows(), 2);
}

TEST_F(SourceTest, DiscoversTablesWithKeysAndComments) {
  run(
      fmt::format("CREATE TABLE {0}.a (x text, id int, k int, PRIMARY KEY (k, id)); COMMENT ON TABLE {0}.a IS 'the a'; "
                  "CREATE VIEW {0}.b AS SELECT * FROM {0}.a; CREATE TABLE {0}.\"a_1%\" (id int)",
                  schema));
  const auto source = make_source(options);
  auto tables = source->discover(context, schema + ".*");
  ASSERT_TRUE(tables) << tables.error().to_string();
  ASSERT_EQ(tables->size(), 3U);
  EXPECT_EQ((*tables)[0].table.name, "a");
  EXPECT_EQ((*tables)[0].comment, "the a");
  EXPECT_EQ((*tables)[0].primary_key, (std::vector<std::string>{"k", "id"}));
  EXPECT_EQ((*tables)[0].schema->ToString(), "x: string\nid: int32 not null\nk: int32 not null");
  EXPECT_EQ((*tables)[2].kind, "view");
  EXPECT_EQ(source->discover(context, schema + ".?")->size(), 2U);
  EXPECT_EQ(source->discover(context, schema + ".a_1%")->size(), 1U);
}

TEST_F(SourceTest, CancellingStopsWithinASecond) {
  auto wanted = request("");
  wanted.table.clear();
  wanted.options = node({{"query", "SELECT pg_sleep(60)::text AS x"}});
  const auto source = make_source(options);
  const auto planned = source->plan_read(context, wanted);
  ASSERT_TRUE(planned) << planned.error().to_string();
  std::chrono::steady_clock::time_point start;
  std::jthread stopper([&] {
    // Waits until the server is at work; then the stop must take effect, although no row ever arrives.
    connector::testkit::TestContext other;
    const auto sql =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%pg_sleep(60)%' AND wait_event = 'PgSleep'";
    while (server->query(other, sql)->number(0, 0) == 0) std::this_thread::yield();
    start = std::chrono::steady_clock::now();
    test.cancellation.request();
  });
  const auto reader = (*planned)->open(context, (*planned)->plan().partitions[0]);
  stopper.join();
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code(), ErrorCode::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST_F(SourceTest, AKilledBackendIsUnavailable) {
  run(fmt::format("CREATE TABLE {0}.t AS SELECT g AS id, repeat('x', 1000) AS pad FROM generate_series(1, 50000) g",
                  schema));
  options.application_name = schema;
  auto wanted = request("t");
  wanted.options = node({{"split", "none"}});
  const auto source = make_source(options);
  const auto planned = source->plan_read(context, wanted);
  ASSERT_TRUE(planned);
  const auto reader = (*planned)->open(context, (*planned)->plan().partitions[0]);
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->next(context));
  EXPECT_EQ(value(fmt::format(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{}'", schema)),
            "1");
  while (true) {
    const auto batch = (*reader)->next(context);
    if (batch && *batch) continue;
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().code(), ErrorCode::unavailable) << batch.error().to_string();
    break;
  }
}

TEST_F(SourceTest, StatementTimeoutIsATimeout) {
  options.statement_timeout = std::chrono::milliseconds(50);
  auto wanted = request("");
  wanted.table.clear();
  wanted.options = node({{"query", "SELECT pg_sleep(60)::text AS x"}});
  const auto got = read(wanted);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::timeout);
}

TEST_F(SourceTest, WithoutPrivilegesPermissionIsDenied) {
  run(fmt::format("CREATE TABLE {0}.t (id int); CREATE ROLE {0}_poor LOGIN PASSWORD 'poor'", schema));
  options.user = schema + "_poor";
  options.password = Secret("poor");
  const auto got = read(request("t"));
  run(fmt::format("DROP ROLE {}_poor", schema));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::permission_denied) << got.error().to_string();
}

}  // namespace
}  // namespace mainstem::connectors::postgres
