#include "connectors/postgres/publish_unit.h"

#include <chrono>
#include <sys/wait.h>

#include "connectors/postgres/tests/loading.h"

namespace mainstem::connectors::postgres {
namespace {

class PublishUnitTest : public LoadingTest {};

TEST_F(PublishUnitTest, StateMovesWithTheRows) {
  const auto batch = batch_of({1}, {"a"});
  const auto request = target(WriteMode::append, batch->schema());
  const auto sink = make_sink(options);
  EXPECT_EQ(sink->published_state(context, "p", {request})->size(), 0U);
  std::string position("2024\0'\xff", 7);
  ASSERT_TRUE(load(request, batch, state(position)));
  auto found = sink->published_state(context, "p", {request});
  ASSERT_TRUE(found) << found.error().to_string();
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().position.bytes, position);
  EXPECT_EQ(found->front().published_at, "2026-01-02T00:00:00.000000Z");
  EXPECT_EQ(sink->published_state(context, "other", {request})->size(), 0U);
  // A commit that fails moves nothing.
  run(fmt::format("ALTER TABLE {}.t ADD CHECK (id < 5)", schema));
  EXPECT_FALSE(load(request, batch_of({9}, {"x"}), state("later")));
  EXPECT_EQ(sink->published_state(context, "p", {request})->front().position.bytes, position);
  EXPECT_EQ(rows(), "1a");
  // Without the table its rows must come again.
  run(fmt::format("DROP TABLE {}.t", schema));
  EXPECT_EQ(sink->published_state(context, "p", {request})->size(), 0U);
  EXPECT_TRUE(load(request, batch, state("again")));
}

TEST_F(PublishUnitTest, ACursorMovedByAnotherRunIsAConflict) {
  const auto batch = batch_of({1}, {"a"});
  const auto request = target(WriteMode::append, batch->schema());
  const auto slow = make_sink(options);
  ASSERT_TRUE(slow->published_state(context, "p", {request}));
  ASSERT_TRUE(load(request, batch, state("5", "quick")));
  const auto unit = slow->begin(context, "slow");
  ASSERT_TRUE(unit);
  ASSERT_TRUE(stage(**unit, request, {batch}));
  const auto committed = (*unit)->commit(context, state("5", "slow"));
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code(), ErrorCode::conflict);
  EXPECT_EQ(rows(), "1a");
}

TEST_F(PublishUnitTest, OnlyOneRunLoadsIntoATable) {
  const auto batch = batch_of({1}, {"a"});
  const auto request = target(WriteMode::replace, batch->schema());
  const auto sink = make_sink(options);
  auto first = sink->begin(context, "first");
  auto second = sink->begin(context, "second");
  ASSERT_TRUE((*first)->stage(context, request));
  const auto refused = (*second)->stage(context, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::conflict);
  (*first)->abort();
  // A server may take a moment to notice that a session is over, and then says that the target is being loaded.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  auto staged = (*second)->stage(context, request);
  while (!staged && staged.error().code() == ErrorCode::conflict && std::chrono::steady_clock::now() < deadline)
    staged = (*second)->stage(context, request);
  EXPECT_TRUE(staged);
}

TEST_F(PublishUnitTest, SeveralTablesAppearTogetherOrNotAtAll) {
  const auto batch = batch_of({1}, {"a"});
  run(fmt::format("CREATE TABLE {}.u (id bigint CHECK (id > 5), name text)", schema));
  const auto sink = make_sink(options);
  auto unit = sink->begin(context, "run");
  ASSERT_TRUE(stage(**unit, target(WriteMode::append, batch->schema(), "t"), {batch, batch}));
  ASSERT_TRUE(stage(**unit, target(WriteMode::append, batch->schema(), "u"), {batch}));
  EXPECT_FALSE((*unit)->commit(context, state("1")));
  unit->reset();
  EXPECT_EQ(value(fmt::format("SELECT to_regclass('{}.t') IS NULL", schema)), "t");
  EXPECT_EQ(stages(), "0");
  unit = sink->begin(context, "run");
  const auto good = batch_of({7}, {"a"});
  ASSERT_TRUE(stage(**unit, target(WriteMode::append, batch->schema(), "t"), {good, good}));
  ASSERT_TRUE(stage(**unit, target(WriteMode::append, batch->schema(), "u"), {good}));
  const auto tables = (*unit)->commit(context, state("1"));
  ASSERT_TRUE(tables) << tables.error().to_string();
  EXPECT_EQ(tables->size(), 2U);
  EXPECT_EQ(rows(), "7a 7a");
}

TEST_F(PublishUnitTest, LanesAreBoundedAndAnUnclosedOneCountsForNothing) {
  const auto batch = batch_of({1, 2}, {"a", "b"});
  const auto sink = make_sink(options);
  const auto unit = sink->begin(context, "run");
  const auto staged = (*unit)->stage(context, target(WriteMode::append, batch->schema()));
  ASSERT_TRUE(staged);
  EXPECT_EQ((*staged)->max_lanes(), 2);
  {
    const auto given_up = (*staged)->open_lane(context);
    ASSERT_TRUE(given_up);
    ASSERT_TRUE((*given_up)->write(context, *batch));
    const auto good = (*staged)->open_lane(context);
    ASSERT_TRUE((*good)->write(context, *batch));
    EXPECT_FALSE((*staged)->finish(context));  // both are open
    ASSERT_TRUE((*good)->close(context));
    const auto third = (*staged)->open_lane(context);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code(), ErrorCode::resource_exhausted);
  }
  const auto receipt = (*staged)->finish(context);
  ASSERT_TRUE(receipt) << receipt.error().to_string();
  EXPECT_EQ(receipt->rows, 2);
  const auto reader = (*staged)->read_back(context);
  ASSERT_TRUE(reader) << reader.error().to_string();
  const auto back = (*reader)->next(context);
  ASSERT_TRUE(back && *back);
  EXPECT_TRUE((*back)->rows->Equals(*batch, false)) << (*back)->rows->ToString();
}

TEST_F(PublishUnitTest, AbortWithAnOpenLaneLeavesNothing) {
  const auto batch = batch_of({1, 2}, {"a", "b"});
  const auto sink = make_sink(options);
  const auto unit = sink->begin(context, "run");
  const auto staged = (*unit)->stage(context, target(WriteMode::append, batch->schema()));
  const auto lane = (*staged)->open_lane(context);
  ASSERT_TRUE(lane);
  ASSERT_TRUE((*lane)->write(context, *batch));
  EXPECT_EQ(stages(), "1");
  (*unit)->abort();
  EXPECT_EQ(stages(), "0");
  EXPECT_FALSE((*lane)->close(context));
}

TEST_F(PublishUnitTest, AKilledServerProcessIsUnavailable) {
  const auto batch = batch_of(std::vector<int64_t>(20000, 1), std::vector<std::string>(20000, std::string(500, 'x')));
  options.application_name = schema;
  const auto sink = make_sink(options);
  const auto unit = sink->begin(context, "run");
  const auto staged = (*unit)->stage(context, target(WriteMode::append, batch->schema()));
  const auto lane = (*staged)->open_lane(context);
  ASSERT_TRUE((*lane)->write(context, *batch));
  EXPECT_EQ(
      value(fmt::format("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = "
                        "'{}' AND query LIKE 'COPY%'",
                        schema)),
      "1");
  auto written = (*lane)->write(context, *batch);
  if (written) written = (*lane)->close(context);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::unavailable) << written.error().to_string();
}

TEST_F(PublishUnitTest, ARefusedRowEndsTheLoadLongBeforeItsEnd) {
  const auto bad = batch_of({1}, {std::string("a\0b", 3)});
  const auto good = batch_of(std::vector<int64_t>(20000, 1), std::vector<std::string>(20000, std::string(1000, 'x')));
  const auto sink = make_sink(options);
  const auto unit = sink->begin(context, "run");
  const auto staged = (*unit)->stage(context, target(WriteMode::append, bad->schema()));
  const auto lane = (*staged)->open_lane(context);
  auto written = (*lane)->write(context, *bad);
  int batches = 0;
  for (; written && batches < 100; ++batches) written = (*lane)->write(context, *good);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::invalid_data);
  EXPECT_LE(batches, 5);
}

TEST_F(PublishUnitTest, LongLoadsAreCountedAcrossTheirCopies) {
  const auto batch = batch_of(std::vector<int64_t>(20000, 1), std::vector<std::string>(20000, std::string(1000, 'x')));
  const auto sink = make_sink(options);
  const auto unit = sink->begin(context, "run");
  ASSERT_TRUE(unit);
  const auto staged = (*unit)->stage(context, target(WriteMode::append, batch->schema()));
  const auto lane = (*staged)->open_lane(context);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE((*lane)->write(context, *batch));
  ASSERT_TRUE((*lane)->close(context));
  EXPECT_EQ((*staged)->finish(context)->rows, 160000);
}

TEST_F(PublishUnitTest, CancellingStopsALaneAndLeavesNothing) {
  const auto batch = batch_of({1}, {"a"});
  const auto sink = make_sink(options);
  auto unit = sink->begin(context, "run");
  {
    const auto staged = (*unit)->stage(context, target(WriteMode::append, batch->schema()));
    const auto lane = (*staged)->open_lane(context);
    test.cancellation.request();
    EXPECT_EQ((*lane)->write(context, *batch).error().code(), ErrorCode::cancelled);
  }
  unit->reset();
  connector::testkit::TestContext other;
  const auto left = server->query(other, fmt::format("SELECT count(*) FROM pg_class WHERE relnamespace = "
                                                     "to_regnamespace('{}_state') AND relname LIKE 'stage%'",
                                                     schema));
  EXPECT_EQ(left->text(0, 0), "0");
}

TEST_F(PublishUnitTest, AColumnDroppedInTheMeantimePublishesNothing) {
  run(fmt::format("CREATE TABLE {0}.t (id bigint, name text)", schema));
  const auto batch = batch_of({1}, {"a"});
  const auto sink = make_sink(options);
  const auto unit = sink->begin(context, "run");
  ASSERT_TRUE(stage(**unit, target(WriteMode::append, batch->schema()), {batch}));
  run(fmt::format("ALTER TABLE {0}.t DROP COLUMN name", schema));
  const auto committed = (*unit)->commit(context, state("1"));
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().code(), ErrorCode::not_found);
  EXPECT_EQ(value(fmt::format("SELECT count(*) FROM {}_state.state", schema)), "0");
}

TEST_F(PublishUnitTest, OrphansOfLivingRunsAreLeftAlone) {
  const auto batch = batch_of({1}, {"a"});
  const auto sink = make_sink(options);
  const auto unit = sink->begin(context, "run");
  ASSERT_TRUE(stage(**unit, target(WriteMode::append, batch->schema()), {batch}));
  EXPECT_EQ(sink->find_orphans(context)->size(), 0U);
  const auto name =
      value(fmt::format("SELECT relname FROM pg_class WHERE relnamespace = '{}_state'::regnamespace AND relname "
                        "LIKE 'stage%' AND relkind = 'r'",
                        schema));
  EXPECT_TRUE(sink->remove_orphans(context, {{.name = name, .run_id = "run"}}));
  EXPECT_EQ(stages(), "1");
  EXPECT_FALSE(sink->remove_orphans(context, {{.name = "state", .run_id = ""}}));
  EXPECT_TRUE((*unit)->commit(context, {}));
}

TEST_F(PublishUnitTest, TheQuarantineIsSharedByRuns) {
  const auto batch = batch_of({1}, {"a"});
  const auto sink = make_sink(options);
  auto request = target(WriteMode::append, batch->schema());
  request.table = sink->quarantine_place(request).table;
  EXPECT_EQ(request.table, schema + "_state.quarantine");
  auto first = sink->begin(context, "first");
  auto second = sink->begin(context, "second");
  ASSERT_TRUE(stage(**first, request, {batch}));
  const auto staged = stage(**second, request, {batch});
  ASSERT_TRUE(staged) << staged.error().to_string();
  ASSERT_TRUE((*first)->commit(context, {}));
  const auto committed = (*second)->commit(context, {});
  ASSERT_TRUE(committed) << committed.error().to_string();
  EXPECT_EQ(value(fmt::format("SELECT count(*) FROM {}_state.quarantine", schema)), "2");
}

}  // namespace
}  // namespace mainstem::connectors::postgres
