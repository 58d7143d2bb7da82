#include "connector/testkit/child_process.h"
#include "connectors/duckdb/tests/fixture.h"

namespace mainstem::connectors::duckdb {
namespace {

// A run that writes three tables, one by each way of publishing, with a point between any two of its steps.
void run(Warehouse& house, const std::string& run_id) {
  auto& context = house.context.context;
  const auto sink = house.sink();
  const auto unit = must(sink->begin(context, run_id));
  context.reached("begun");
  const Batches rows = {batch_of({{"id", longs({2, 3})}, {"v", texts({"new", "new"})}})};
  for (const auto mode : {WriteMode::replace, WriteMode::append, WriteMode::merge}) {
    auto request = request_of(config::Conversion<WriteMode>::write(mode) + "d", mode, rows);
    request.key = {"id"};
    const auto table = must(unit->stage(context, request));
    context.reached("staged " + request.name);
    const auto lane = must(table->open_lane(context));
    must(lane->write(context, *rows[0]));
    context.reached("written " + request.name);
    must(lane->close(context));
    must(table->finish(context));
    context.reached("finished " + request.name);
  }
  must(unit->commit(context, {{.pipeline = "p",
                               .source = "s",
                               .target = "replaced",
                               .position = {"3", "3"},
                               .run_id = run_id,
                               .published_at = "now"}}));
}

constexpr const char* kOld = "1|old;2|old";

std::string state(const Warehouse& house) {
  std::string text;
  for (const auto* table : {"replaced", "appendd", "merged"})
    text += house.rows(std::string("SELECT * FROM ") + table + " ORDER BY ALL") + "/";
  return text;
}

TEST(DuckdbKill, AnyPointLeavesTheOldOrTheNewRows) {
  const std::string before = std::string(kOld) + "/" + kOld + "/" + kOld + "/";
  const std::string after = "2|new;3|new/1|old;2|new;2|old;3|new/1|old;2|new;3|new/";
  std::vector<std::string> points = {"begun"};
  for (const auto* table : {"replaced", "appendd", "merged"})
    for (const auto* step : {"staged ", "written ", "finished "}) points.push_back(std::string(step) + table);
  points.insert(points.end(), {"sink.commit.begin", "sink.commit.written", "sink.commit.end"});
  for (const auto& point : points) {
    Warehouse house;
    for (const auto* table : {"replaced", "appendd", "merged"})
      house.execute(std::string("CREATE TABLE ") + table + "(id BIGINT, v VARCHAR); INSERT INTO " + table +
                    " VALUES (1, 'old'), (2, 'old')");
    const bool killed = connector::testkit::was_killed([&] {
      house.context.context.on_point = [&point](std::string_view reached) {
        if (reached == point) connector::testkit::kill_self();
      };
      run(house, "killed-run");
    });
    ASSERT_TRUE(killed) << point;
    const bool published = point == "sink.commit.end";
    EXPECT_EQ(state(house), published ? after : before) << point;
    const auto sink = house.sink();
    WriteRequest target;
    target.name = "replaced";
    EXPECT_EQ(must(sink->published_state(house.context, "p", {target})).size(), published ? 1U : 0U) << point;
    for (const auto& orphan : must(sink->find_orphans(house.context))) EXPECT_EQ(orphan.run_id, "killed-run");
    const size_t left = must(sink->find_orphans(house.context)).size();
    EXPECT_EQ(left > 0, point != "begun" && !published) << point;
    if (published) continue;
    // Run again, even under the same id: as one clean run, and nothing is left over.
    run(house, point == "begun" ? "next-run" : "killed-run");
    EXPECT_EQ(state(house), after) << point;
    EXPECT_TRUE(must(sink->find_orphans(house.context)).empty()) << point;
    EXPECT_EQ(house.rows("SELECT count(*) FROM duckdb_tables()"), "4") << point;
  }
}

TEST(DuckdbKill, OrphansOfLiveRunsAreLeftAlone) {
  Warehouse house;
  const Batches rows = {batch_of({{"id", longs({1})}})};
  const auto sink = house.sink();
  const auto live = must(sink->begin(house.context, "live"));
  must(stage(house.context, *live, request_of("a", WriteMode::replace, rows), rows));
  house.execute("CREATE TABLE \"_mainstem_stage:dead:0\"(x INT); CREATE TABLE \"_mainstem_stage\"(x INT)");
  const auto orphans = must(sink->find_orphans(house.context));
  ASSERT_EQ(orphans.size(), 1U);
  EXPECT_EQ(orphans[0].run_id, "dead");
  must(sink->remove_orphans(house.context, orphans));
  EXPECT_FALSE(sink->remove_orphans(house.context, {{.name = "main.a", .run_id = "dead"}}));
  must(write(house.context, *sink, request_of("b", WriteMode::replace, rows), rows));
  must(live->commit(house.context, {}));
  EXPECT_EQ(house.rows("SELECT table_name FROM duckdb_tables() ORDER BY ALL"), "_mainstem_stage;a;b");
}

}  // namespace
}  // namespace mainstem::connectors::duckdb
