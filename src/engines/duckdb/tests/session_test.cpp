#include "engines/duckdb/session.h"

#include <fstream>
#include <thread>

#include "engines/duckdb/tests/fixture.h"

namespace mainstem::engines::duckdb {
namespace {

TEST(Session, StreamThroughViewsToLanes) {
  Scratch scratch;
  const auto session = scratch.open();
  must(session->add_stream("orders", numbered(100'000, 4)));
  must(session->add_view("even", "select id, upper(name) as name from orders where id % 2 = 0;"));
  must(session->add_view("Final", "select * from even -- all of them"));
  EXPECT_EQ(must(session->describe("from final"))->ToString(), "id: int64\nname: string");
  Counted out;
  scratch.context.batch_rows = 1'000;
  EXPECT_EQ(must(session->stream("select * from \"Final\"", out.opener())), 50'000);
  EXPECT_EQ(out.rows, 50'000);
  EXPECT_LE(out.largest_batch, 1'000);
  EXPECT_GE(out.closed, 1);
  // Used up: not an empty table.
  const auto again = session->stream("select * from even", out.opener());
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message().find("orders has been read before"), std::string::npos);
}

TEST(Session, NoQueryPlanReadsAStreamTwice) {
  Scratch scratch;
  const auto session = scratch.open();
  must(session->add_stream("s", numbered(3'000)));
  const auto doubled = "select count(*) from (select count(*) over (partition by id % 1000) as n from s) where n > 1";
  EXPECT_EQ(number(must(session->fetch(doubled, 1))), 3'000);
}

TEST(Session, LandedTablesAreReadAsOftenAsNeeded) {
  Scratch scratch;
  const auto session = scratch.open();
  must(session->add_stream("s", numbered(30'000, 2)));
  EXPECT_EQ(must(session->land("t", "select * from s")), 30'000);
  EXPECT_EQ(number(must(session->fetch("select count(*) from t a join t b using (id)", 1))), 30'000);
  EXPECT_EQ(number(must(session->fetch("select count(*) from t", 10))), 30'000);
  EXPECT_EQ(session->land("T", "select 1 as a").error().code(), ErrorCode::already_exists);
  must(session->drop("T"));
  EXPECT_EQ(session->drop("t").error().code(), ErrorCode::not_found);
  EXPECT_EQ(must(session->land("t", "values (1), (2)")), 2);
  must(session->drop("s"));
  must(session->add_stream("s", numbered(10)));
  EXPECT_EQ(number(must(session->fetch("select count(*) from s", 1))), 10);
}

TEST(Session, FetchGivesTheFirstRowsInOrder) {
  Scratch scratch;
  const auto session = scratch.open();
  must(session->land("t", "select range as i from range(100000)"));
  const auto table = must(session->fetch("select i, i as i from t order by i desc", 3));
  EXPECT_EQ(table->num_rows(), 3);
  EXPECT_EQ(table->schema()->ToString(), "i: int64\ni: int64");
  const auto& column = static_cast<const arrow::Int64Array&>(*table->column(0)->chunk(0));
  EXPECT_EQ(column.Value(0), 99'999);
  EXPECT_EQ(column.Value(2), 99'997);
}

TEST(Session, FetchOfNothingKeepsTheSchema) {
  Scratch scratch;
  const auto session = scratch.open();
  const auto table = must(session->fetch("select 1 as a, 'x' as b where false", 5));
  EXPECT_EQ(table->num_rows(), 0);
  EXPECT_EQ(table->schema()->ToString(), "a: int32\nb: string");
}

TEST(Session, MistakesInSqlCarryTheirPlace) {
  Scratch scratch;
  const auto session = scratch.open();
  const auto unknown = session->describe("select 1,\n  nosuch\nfrom range(3)");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), ErrorCode::invalid_config);
  ASSERT_TRUE(unknown.error().position());
  EXPECT_EQ(unknown.error().position()->line, 2);
  EXPECT_EQ(unknown.error().position()->column, 3);
  EXPECT_EQ(session->land("t", "select * frm x").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(session->describe("select 1 as id, 2 as ID").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(session->describe("select $1").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(session->describe(" ; -- nothing").error().code(), ErrorCode::invalid_config);
}

TEST(Session, UserSqlCannotLeaveTheDatabase) {
  Scratch scratch;
  const auto folder = scratch.context.scratch_directory;
  std::ofstream(folder + "/secret.csv") << "a\n1\n";
  const auto session = scratch.open();
  const std::vector<std::string> attempts = {
      "select * from read_csv('" + folder + "/secret.csv')",
      "select * from '" + folder + "/secret.csv'",
      "select * from \"READ_TEXT\" /* */ ('" + folder + "/secret.csv')",
      "select * from glob('" + folder + "/*')",
      "select * from sniff_csv('" + folder + "/secret.csv')",
      "select * from parquet_scan('https://example.com/x.parquet')",
      "copy (select 1) to '" + folder + "/out.csv'",
      "attach '" + folder + "/x.db' as x",
      "install httpfs",
      "load httpfs",
      "export database '" + folder + "/out'",
      "import database '" + folder + "/out'",
      "set threads = 1",
      "reset threads",
      "pragma enable_profiling",
      "pragma database_list",
      "call enable_logging()",
      "select * from enable_logging(storage='file', storage_path='" + folder + "/log')",
      "select * from system.main.enable_profiling(save_location='" + folder + "/p')",
      "select * from duckdb_settings()",
      "select * from query('select 1')",
      "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
      "select write_log('x')",
      "select * from mainstem_stream_0('x')",
      "select mainstem_sink_0(1)",
      "create table t(a int)",
      "insert into t values (1)",
      "with x as (select 1) insert into t select * from x",
      "drop table t",
      "select 1; select 2",
      "select 1; drop table t",
      "explain select 1",
      "describe select 1",
      "checkpoint",
      "begin",
      "vacuum",
      "prepare p as select 1",
      "pivot range(3) on range using sum(range)",
  };
  must(session->land("t", "select 1 as a"));
  for (const auto& sql : attempts) {
    const auto read = session->fetch(sql, 10);
    ASSERT_FALSE(read) << sql;
    const auto code = read.error().code();
    EXPECT_TRUE(code == ErrorCode::invalid_config || code == ErrorCode::permission_denied)
        << sql << ": " << read.error().to_string();
    EXPECT_FALSE(session->add_view("v", sql)) << sql;
    EXPECT_FALSE(session->land("l", sql)) << sql;
  }
  for (const char* file : {"out.csv", "x.db", "out", "log", "p"})
    EXPECT_FALSE(std::filesystem::exists(folder + "/" + file)) << file;
  EXPECT_EQ(number(must(session->fetch("select count(*) from t", 1))), 1);
}

TEST(Session, HarmlessSqlIsLetThrough) {
  Scratch scratch;
  const auto session = scratch.open();
  must(session->land("read_csv", "select 1 as \"copy\", 'it''s; -- no comment' as query, 2 as \"glob\""));
  for (const char* sql : {
           "select \"copy\", query, \"glob\" + 1 from read_csv",
           "(select 1) union all (select 2);;",
           "with recursive r as (select 1 as i union all select i + 1 from r where i < 3) from r",
           "values (1), (2)",
           "table read_csv",
           "select unnest([1, 2]), * from generate_series(1, 2)",
           "pivot (select 1 as a, 2 as b) on b in (2) using sum(a)",
           "select e.value from json_each('[1,2]') e",
       }) {
    const auto table = session->fetch(sql, 100);
    EXPECT_TRUE(table) << sql << ": " << (table ? "" : table.error().to_string());
  }
  const auto quoted = session->fetch(
      "/* read_csv('x') */ select 'read_csv(''x'')', $$glob('x')$$, $t$ $$ read_text( $t$, "
      "e'\\' glob('  -- read_csv('x')",
      1);
  EXPECT_TRUE(quoted) << quoted.error().to_string();
}

TEST(Session, TextFunctionsServeMasks) {
  Scratch scratch;
  const auto session = scratch.open();
  must(session->add_text_function("_mainstem_mask_1", [](std::string_view) { return std::string("***"); }));
  must(session->add_stream("s", numbered(5'000, 2)));
  must(session->add_view("masked", "select id, _mainstem_mask_1(name) as name from s"));
  EXPECT_EQ(number(must(session->fetch("select count(*) from masked where name = '***'", 1))), 5'000);
}

TEST(Session, LargeSortAndJoinSpillWithinTheLimit) {
  Scratch scratch;
  const auto session = scratch.open(mebibytes(128));
  must(session->land("big", "select range as id, md5(range::varchar) as hash from range(2000000)"));
  EXPECT_EQ(number(must(session->fetch(
                "select count(*) from (select row_number() over (order by hash) as n, * from big) where n > 0", 1))),
            2'000'000);
  EXPECT_EQ(number(must(session->fetch("select count(*) from big a join big b using (hash)", 1))), 2'000'000);
  const auto too_much = session->fetch("select length(string_agg(hash, ',')) from big, range(20)", 1);
  ASSERT_FALSE(too_much);
  EXPECT_EQ(too_much.error().code(), ErrorCode::resource_exhausted);
  EXPECT_FALSE(too_much.error().hint().empty());
  EXPECT_EQ(number(must(session->fetch("select count(*) from big", 1))), 2'000'000);
}

TEST(Session, SpillFolderGoesWithTheSession) {
  Scratch scratch;
  {
    const auto session = scratch.open(mebibytes(64));
    must(session->land("big", "select range as id, md5(range::varchar) as hash from range(1500000)"));
    EXPECT_FALSE(std::filesystem::is_empty(scratch.context.scratch_directory));
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch.context.scratch_directory));
}

TEST(Session, CancelledWithinAMoment) {
  for (const char* sql : {
           "select count(*) from t a join t b on a.h = b.h join t c on c.h = b.h where hash(a.i, b.i, c.i) = 1",
           "select count(*) from (select row_number() over (order by h, i) as n from t, range(100)) where hash(n) = 1",
           "select sum(a.i * b.i) from t a, t b",
       }) {
    Scratch scratch;
    const auto session = scratch.open(mebibytes(512), 2);
    must(session->land("t", "select range as i, (range % 100)::varchar as h from range(1000000)"));
    std::chrono::steady_clock::time_point asked;
    std::thread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      asked = std::chrono::steady_clock::now();
      scratch.cancellation.request();
    });
    const auto result = session->fetch(sql, 1);
    stopper.join();
    ASSERT_FALSE(result) << sql;
    EXPECT_EQ(result.error().code(), ErrorCode::cancelled) << result.error().to_string();
    // Each would run for minutes; a loaded machine gets its time.
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(4)) << sql;
  }
}

}  // namespace
}  // namespace mainstem::engines::duckdb
