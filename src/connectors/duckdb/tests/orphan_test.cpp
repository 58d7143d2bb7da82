#include "connectors/duckdb/tests/fixture.h"

namespace mainstem::connectors::duckdb {
namespace {

TEST(DuckdbOrphans, OrphansOfLiveRunsAreLeftAlone) {
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
