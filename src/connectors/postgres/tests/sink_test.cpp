#include "connectors/postgres/sink.h"

#include "connectors/postgres/tests/loading.h"

namespace mainstem::connectors::postgres {
namespace {

class SinkTest : public LoadingTest {};

TEST_F(SinkTest, EveryModeMakesTheTable) {
  for (const auto mode : {WriteMode::append, WriteMode::replace, WriteMode::merge, WriteMode::partition}) {
    const auto batch = batch_of({1, 2}, {"a", "NULL"});
    const auto loaded = load(target(mode, batch->schema()), batch);
    expect_counts(loaded, {2, 0, 0});
    EXPECT_EQ(rows(), "1a 2-");
    EXPECT_EQ(stages(), "0");
    EXPECT_EQ(value(fmt::format(
                  "SELECT relpersistence::text || coalesce(obj_description(oid, 'pg_class'), '') FROM pg_class WHERE "
                  "oid = '{}.t'::regclass",
                  schema)),
              "p");
    EXPECT_EQ(
        value(fmt::format("SELECT count(*) FROM pg_index WHERE indrelid = '{}.t'::regclass AND indisprimary", schema)),
        mode == WriteMode::merge ? "1" : "0");
    run(fmt::format("DROP TABLE {}.t", schema));
  }
}

TEST_F(SinkTest, MergeWithAUniqueIndexAndWithout) {
  for (const auto* key : {", PRIMARY KEY (id)", ""}) {
    run(fmt::format(
        "CREATE TABLE {0}.t (id bigint, name text, other int DEFAULT 7{1}); INSERT INTO {0}.t VALUES (1, 'a', 1), "
        "(2, 'b', 2)",
        schema, key));
    const auto batch = batch_of({2, 3}, {"B", "C"});
    expect_counts(load(target(WriteMode::merge, batch->schema()), batch), {1, 1, 0});
    EXPECT_EQ(rows(), "1a 2B 3C");
    EXPECT_EQ(value(fmt::format("SELECT string_agg(other::text, ' ' ORDER BY id) FROM {}.t", schema)), "1 2 7");
    expect_counts(load(target(WriteMode::merge, batch->schema()), batch), {0, 2, 0});
    EXPECT_EQ(rows(), "1a 2B 3C");
    run(fmt::format("DROP TABLE {}.t", schema));
  }
}

TEST_F(SinkTest, MergeRefusesNullAndDoubleKeys) {
  auto batch = batch_of({1, 1, 2}, {"a", "b", "c"});
  auto loaded = load(target(WriteMode::merge, batch->schema()), batch);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), ErrorCode::invalid_data);
  EXPECT_NE(loaded.error().message().find("id=1"), std::string::npos) << loaded.error().to_string();
  auto request = target(WriteMode::merge, batch->schema());
  request.key = {"id", "name"};
  batch = batch_of({1, 2}, {"a", "NULL"});
  loaded = load(request, batch);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message().find("id=2, name=null"), std::string::npos) << loaded.error().to_string();
  EXPECT_EQ(stages(), "0");
}

TEST_F(SinkTest, PartitionReplacesWhatOccurs) {
  run(fmt::format(
      "CREATE TABLE {0}.t (id bigint, name text); INSERT INTO {0}.t VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, "
      "NULL), (5, NULL)",
      schema));
  const auto batch = batch_of({10, 11, 12}, {"a", "NULL", "c"});
  expect_counts(load(target(WriteMode::partition, batch->schema()), batch), {3, 0, 4});
  EXPECT_EQ(rows(), "3b 10a 11- 12c");
}

TEST_F(SinkTest, ReplaceBySwapKeepsWhatBelongsToTheTable) {
  run(fmt::format(
      "CREATE ROLE {0}_reader; CREATE TABLE {0}.t (id bigint CONSTRAINT the_key PRIMARY KEY, name text DEFAULT "
      "'none', extra int CHECK (extra > 0)); CREATE INDEX by_name ON {0}.t (lower(name)) WHERE id > 0; COMMENT ON "
      "TABLE {0}.t IS 'it''s mine'; GRANT SELECT ON {0}.t TO {0}_reader; INSERT INTO {0}.t VALUES (1, 'x', 1)",
      schema));
  const auto before = value(fmt::format("SELECT '{}.t'::regclass::oid", schema));
  const auto batch = batch_of({5, 6}, {"e", "f"});
  auto request = target(WriteMode::replace, batch->schema());
  request.indexes = {{"name", "id"}};
  expect_counts(load(request, batch), {2, 0, 1});
  EXPECT_EQ(rows(), "5e 6f");
  EXPECT_NE(value(fmt::format("SELECT '{}.t'::regclass::oid", schema)), before);
  EXPECT_EQ(
      value(fmt::format("SELECT string_agg(pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint WHERE "
                        "conrelid = '{}.t'::regclass",
                        schema)),
      "CHECK ((extra > 0)); PRIMARY KEY (id)");
  EXPECT_EQ(value(fmt::format(
                "SELECT to_regclass('{0}.the_key') IS NOT NULL AND to_regclass('{0}.by_name') IS NOT NULL", schema)),
            "t");
  EXPECT_EQ(value(fmt::format("SELECT count(*) FROM pg_index WHERE indrelid = '{}.t'::regclass", schema)), "3");
  EXPECT_EQ(value(fmt::format("SELECT obj_description('{}.t'::regclass)", schema)), "it's mine");
  EXPECT_EQ(value(fmt::format("SELECT has_table_privilege('{0}_reader', '{0}.t', 'SELECT')", schema)), "t");
  run(fmt::format("DROP OWNED BY {0}_reader; DROP ROLE {0}_reader", schema));
}

TEST_F(SinkTest, ReplaceKeepsATableThatOthersDependOn) {
  run(fmt::format(
      "CREATE TABLE {0}.t (id bigint PRIMARY KEY, name text); INSERT INTO {0}.t VALUES (1, 'x'); CREATE VIEW {0}.v "
      "AS SELECT * FROM {0}.t",
      schema));
  const auto before = value(fmt::format("SELECT '{}.t'::regclass::oid", schema));
  const auto batch = batch_of({5, 6}, {"e", "f"});
  const auto request = target(WriteMode::replace, batch->schema());
  expect_counts(load(request, batch), {2, 0, 1});
  EXPECT_EQ(rows(), "5e 6f");
  EXPECT_EQ(value(fmt::format("SELECT '{}.t'::regclass::oid", schema)), before);
  run(fmt::format(
      "CREATE TABLE {0}.child (t bigint REFERENCES {0}.t DEFERRABLE INITIALLY DEFERRED); INSERT INTO {0}.child "
      "VALUES (5)",
      schema));
  expect_counts(load(request, batch), {2, 0, 2});
  auto swapping = request;
  swapping.options = node({{"replace", "swap"}});
  const auto refused = load(swapping, batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::invalid_config);
  swapping.options = node({{"replace", "truncate"}});
  EXPECT_FALSE(load(swapping, batch));
}

TEST_F(SinkTest, ReplaceWithoutTheRightToMakeATableEmptiesIt) {
  run(fmt::format(
      "CREATE TABLE {0}.t (id bigint, name text); INSERT INTO {0}.t VALUES (1, 'x'); CREATE ROLE {0}_owner LOGIN "
      "PASSWORD 'owner'; ALTER TABLE {0}.t OWNER TO {0}_owner; GRANT USAGE ON SCHEMA {0} TO {0}_owner; CREATE "
      "SCHEMA {0}_state AUTHORIZATION {0}_owner",
      schema));
  options.user = schema + "_owner";
  options.password = Secret("owner");
  const auto before = value(fmt::format("SELECT '{}.t'::regclass::oid", schema));
  const auto batch = batch_of({5}, {"e"});
  expect_counts(load(target(WriteMode::replace, batch->schema()), batch), {1, 0, 1});
  EXPECT_EQ(value(fmt::format("SELECT '{}.t'::regclass::oid", schema)), before);
  EXPECT_EQ(rows(), "5e");
  run(fmt::format("DROP OWNED BY {0}_owner CASCADE; DROP ROLE {0}_owner", schema));
}

TEST_F(SinkTest, ChecksColumnsBeforeAnythingIsRead) {
  run(fmt::format("CREATE TABLE {0}.t (id int, name varchar(3), n numeric(5,2), must int NOT NULL)", schema));
  const auto sink = make_sink(options);
  const auto code = [&](const arrow::FieldVector& fields) {
    const auto checked = sink->check(context, target(WriteMode::append, arrow::schema(fields)));
    if (checked) return std::string("ok");
    EXPECT_FALSE(checked.error().hint().empty()) << checked.error().to_string();
    return checked.error().message();
  };
  const auto must = arrow::field("must", arrow::int32());
  EXPECT_EQ(code({must, arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())}), "ok");
  EXPECT_NE(code({must, arrow::field("id", arrow::utf8())}).find("which does not take text"), std::string::npos);
  EXPECT_NE(code({must, arrow::field("n", arrow::decimal128(10, 3))}).find("numeric(5,2)"), std::string::npos);
  EXPECT_EQ(code({must, arrow::field("n", arrow::decimal128(10, 1))}), "ok");
  EXPECT_NE(code({must, arrow::field("n", arrow::float64())}).find("double precision"), std::string::npos);
  EXPECT_NE(code({arrow::field("id", arrow::int32())}).find("must not be null"), std::string::npos);
  EXPECT_NE(code({must, must}).find("two columns"), std::string::npos);
  EXPECT_NE(code({must, arrow::field(std::string(64, 'x'), arrow::utf8())}).find("name of a column"),
            std::string::npos);
  EXPECT_NE(code({must, arrow::field("s", arrow::struct_({must}))}).find("no type for"), std::string::npos);
  auto request = target(WriteMode::merge, arrow::schema({must}));
  request.key = {"mst"};
  EXPECT_EQ(sink->check(context, request).error().hint(), "did you mean 'must'?");
  request.key = {};
  EXPECT_EQ(sink->check(context, request).error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(value(fmt::format("SELECT to_regnamespace('{}_state') IS NULL", schema)), "t");
}

TEST_F(SinkTest, TextGoesIntoTypesThatHaveATextForm) {
  run(fmt::format(
      "SET search_path = {0}; CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE t (id bigint, name mood); "
      "SET search_path = ''",
      schema));
  auto batch = batch_of({1}, {"happy"});
  expect_counts(load(target(WriteMode::append, batch->schema()), batch), {1, 0, 0});
  batch = batch_of({1}, {"angry"});
  const auto refused = load(target(WriteMode::append, batch->schema()), batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::invalid_data);
  EXPECT_EQ(rows(), "1happy");
  run(fmt::format("ALTER TABLE {0}.t ALTER name TYPE jsonb USING '1'", schema));
  batch = batch_of({2}, {"{\"a\": [1]}"});
  expect_counts(load(target(WriteMode::replace, batch->schema()), batch), {1, 0, 1});
  EXPECT_EQ(rows(), "2{\"a\": [1]}");
}

TEST_F(SinkTest, NewColumnsAreAddedOrRefused) {
  run(fmt::format("CREATE TABLE {0}.t (id bigint); INSERT INTO {0}.t VALUES (1)", schema));
  const auto batch = batch_of({2}, {"b"});
  auto request = target(WriteMode::append, batch->schema());
  request.options = node({{"new_columns", "error"}});
  EXPECT_FALSE(load(request, batch));
  request.options = {};
  expect_counts(load(request, batch), {1, 0, 0});
  EXPECT_EQ(rows(), "1- 2b");
}

TEST_F(SinkTest, ValuesBeyondPostgresAreErrorsAndNotRounded) {
  arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::NANO), arrow::default_memory_pool());
  ASSERT_TRUE(builder.Append(1'001).ok());
  const auto times = arrow::schema({arrow::field("at", arrow::timestamp(arrow::TimeUnit::NANO))});
  const auto fine = arrow::RecordBatch::Make(times, 1, {builder.Finish().ValueOrDie()});
  auto loaded = load(target(WriteMode::append, times), fine);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), ErrorCode::invalid_data);
  EXPECT_NE(loaded.error().message().find("column 'at'"), std::string::npos);
  // The server itself has no text with a zero byte.
  const auto zero = batch_of({1}, {std::string("a\0b", 3)});
  loaded = load(target(WriteMode::append, zero->schema()), zero);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code(), ErrorCode::invalid_data);
  EXPECT_NE(loaded.error().message().find("column name"), std::string::npos) << loaded.error().to_string();
  EXPECT_EQ(stages(), "0");
}

TEST_F(SinkTest, MissingRightsAreNamedWithTheirGrant) {
  run(fmt::format(
      "CREATE TABLE {0}.t (id bigint, name text); CREATE ROLE {0}_poor LOGIN PASSWORD 'poor'; GRANT USAGE ON "
      "SCHEMA {0} TO {0}_poor",
      schema));
  options.user = schema + "_poor";
  options.password = Secret("poor");
  const auto batch = batch_of({1}, {"a"});
  const auto sink = make_sink(options);
  const auto refused = [&](const WriteRequest& request) {
    const auto checked = sink->check(context, request);
    EXPECT_FALSE(checked);
    if (checked) return std::string();
    EXPECT_EQ(checked.error().code(), ErrorCode::permission_denied) << checked.error().to_string();
    return checked.error().hint();
  };
  EXPECT_EQ(refused(target(WriteMode::append, batch->schema())),
            fmt::format("GRANT INSERT ON \"{0}\".\"t\" TO {0}_poor", schema));
  EXPECT_EQ(refused(target(WriteMode::append, batch->schema(), "fresh")),
            fmt::format("GRANT USAGE, CREATE ON SCHEMA \"{0}\" TO {0}_poor", schema));
  run(fmt::format("GRANT INSERT ON {0}.t TO {0}_poor", schema));
  EXPECT_EQ(refused(target(WriteMode::append, batch->schema())),
            fmt::format("CREATE SCHEMA \"{0}_state\" AUTHORIZATION {0}_poor", schema));
  run(fmt::format("CREATE SCHEMA {0}_state AUTHORIZATION {0}_poor", schema));
  const auto loaded = load(target(WriteMode::append, batch->schema()), batch, state("1"));
  EXPECT_TRUE(loaded) << loaded.error().to_string();
  run(fmt::format("DROP OWNED BY {0}_poor; DROP ROLE {0}_poor", schema));
}

// A process that dies at a point of the commit leaves either nothing or everything, and its staging tables are found.
TEST_F(SinkTest, UriAndProbesHoldNoSecrets) {
  const auto sink = make_sink(options);
  WriteRequest request;
  request.table = "mart.customers";
  EXPECT_EQ(sink->uri(request), fmt::format("postgres://127.0.0.1:{}/mainstem.mart.customers", options.port));
  const auto probes = sink->probe(context);
  ASSERT_GE(probes.size(), 4U);
  for (const auto& probe : probes) EXPECT_TRUE(probe.ok) << probe.what << probe.detail;
  EXPECT_EQ(sink->grants(request).back(),
            "GRANT INSERT, SELECT, DELETE, TRUNCATE ON \"mart\".\"customers\" TO \"mainstem\"");
  options.database = "gone";
  const auto failed = make_sink(options)->probe(context);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_FALSE(failed[0].ok);
}

}  // namespace
}  // namespace mainstem::connectors::postgres
