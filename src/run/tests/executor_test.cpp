// Whole runs over a system in memory. Sources go straight into their targets, so no engine is needed; what happens
// around it (counting, the budget, quarantine, publishing, failures) is the same with one.
#include "run/executor.h"

#include <algorithm>
#include <gmock/gmock.h>

#include "plan/quarantine_schema.h"
#include "run/tests/memory_system.h"

namespace mainstem::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class NoEngine final : public engine::Engine {
 public:
  std::string name() const override { return "none"; }
  Result<std::unique_ptr<engine::Session>> open(Context&, const engine::SessionLimits&) override {
    return Error(ErrorCode::internal, "a direct copy needs no engine");
  }
  Result<std::unique_ptr<engine::Analyzer>> open_analyzer() override {
    return Error(ErrorCode::internal, "a run analyses nothing");
  }
};

class Executor : public testing::Test {
 protected:
  Executor() : connector_(memory_connector(system_)) { connections_.add("memory", connector_, {}); }

  plan::OpenSource open(const std::string& name = "numbers") {
    plan::OpenSource stage;
    stage.name = name;
    stage.connection = "memory";
    stage.schema = numbers_schema();
    return stage;
  }

  void add_target(plan::Plan& plan, const std::string& name, const std::string& model, int unit) {
    plan::StageTarget stage;
    stage.name = name;
    stage.model = model;
    stage.connection = "memory";
    stage.request = {.name = name, .table = name, .options = {}, .schema = numbers_schema()};
    stage.direct = true;
    stage.unit = unit;
    plan.stages.emplace_back(stage);
    plan.stages.emplace_back(plan::VerifyTarget{name});
  }

  void add_end(plan::Plan& plan, double fraction = 0.01, int64_t rows = 10) {
    plan.stages.emplace_back(plan::CheckBudget{fraction, rows});
    plan::StageQuarantine quarantine;
    quarantine.connection = "memory";
    quarantine.request = {.name = "quarantine", .table = "q", .options = {}, .schema = plan::quarantine_schema()};
    plan.stages.emplace_back(quarantine);
  }

  void add_publish(plan::Plan& plan, std::vector<std::string> targets, int unit,
                   std::vector<plan::CursorCommit> cursors = {}) {
    plan.stages.emplace_back(plan::PublishGroup{
        .connection = "memory", .targets = std::move(targets), .cursors = std::move(cursors), .unit = unit, .why = {}});
  }

  plan::Plan copy(plan::OpenSource source, double fraction = 0.01, int64_t rows = 10) {
    plan::Plan plan{.pipeline = "copy", .state_name = "copy", .stages = {source}};
    add_target(plan, "target", source.name, 0);
    add_end(plan, fraction, rows);
    std::vector<plan::CursorCommit> cursors;
    if (source.request.cursor) cursors.push_back({.source = source.name, .target = "target"});
    add_publish(plan, {"target"}, 0, cursors);
    plan.stages.emplace_back(plan::RecordRun{});
    return plan;
  }

  // Appends, as a pipeline does whose source is read in full.
  plan::Plan append() {
    auto plan = copy(open());
    for (auto& stage : plan.stages)
      if (auto* group = std::get_if<plan::PublishGroup>(&stage)) group->full_reads = {"numbers"};
    return plan;
  }

  RunResult run(const plan::Plan& plan, const connector::StateRecords& unfinished = {}) {
    NoEngine engine;
    Progress progress;
    const Environment environment{.context = context_,
                                  .engine = engine,
                                  .connections = connections_,
                                  .progress = progress,
                                  .limits = {},
                                  .unfinished = unfinished};
    return execute(environment, plan, {}, "run-1");
  }

  void expect_nothing_visible(const RunResult& result, ErrorCode code) {
    ASSERT_TRUE(result.error);
    EXPECT_EQ(result.error->code(), code) << result.error->to_string();
    EXPECT_TRUE(system_.published.empty());
    EXPECT_TRUE(system_.state.empty());
  }

  MemorySystem system_;
  connector::ConnectorSpec connector_;
  Connections connections_;
  connector::testkit::TestContext context_;
};

TEST_F(Executor, CopiesEveryRowOnceAndCountsIt) {
  const auto result = run(copy(open()));
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_EQ(result.status, Outcome::ok);
  EXPECT_THAT(system_.published["target"], UnorderedElementsAre(1, 2, 3, 4, 5, 6));
  ASSERT_EQ(result.steps.size(), 2U);
  for (const auto& step : result.steps) {
    EXPECT_EQ(step.rows_read, 6) << step.name;
    EXPECT_EQ(step.rows_written, 6) << step.name;
  }
  EXPECT_EQ(result.targets.at(0).verified, "hash and count");
  EXPECT_EQ(result.targets.at(0).rows_after, 6);
  EXPECT_FALSE(broken_row_equation(result.steps));
}

TEST_F(Executor, PublishesLastAndWithTheQuarantine) {
  system_.partitions = {{{1, 2}}};
  system_.rejects_per_partition = 2;
  const auto result = run(copy(open()));
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_EQ(result.rows_quarantined, 2);
  EXPECT_EQ(result.steps[0].rows_read, 4);
  EXPECT_EQ(result.steps[0].rows_quarantined, 2);
  EXPECT_EQ(system_.published_rows["quarantine"], 2);
  EXPECT_THAT(system_.events,
              ElementsAre("stage target", "close target", "finish target", "stage quarantine", "close quarantine",
                          "finish quarantine", "publish target", "publish quarantine"));
}

TEST_F(Executor, ABudgetThatIsSpentPublishesNothing) {
  system_.partitions = {{{1, 2}}};
  system_.rejects_per_partition = 3;
  EXPECT_EQ(run(copy(open(), 0.0, 3)).status, Outcome::ok) << "as many as allowed";
  system_.published.clear();
  const auto result = run(copy(open(), 0.0, 2));
  EXPECT_EQ(result.status, Outcome::blocked);
  EXPECT_EQ(result.rows_quarantined, 3);
  expect_nothing_visible(result, ErrorCode::check_failed);
  EXPECT_EQ(system_.events.back(), "abort");
  EXPECT_EQ(run(copy(open(), 0.6, 0)).status, Outcome::ok) << "3 of 5 rows are 60 %";
}

TEST_F(Executor, ASourceMayRefuseItsRejects) {
  system_.rejects_per_partition = 1;
  auto source = open();
  source.refuse_rejects = true;
  const auto result = run(copy(source));
  expect_nothing_visible(result, ErrorCode::invalid_data);
  EXPECT_THAT(result.error->to_string(), HasSubstr("numbers.csv:1: a record of 'numbers' cannot become a row"));
}

TEST_F(Executor, RowsThatATargetLosesStopTheRun) {
  system_.rows_to_lose = 1;
  const auto result = run(copy(open()));
  EXPECT_EQ(result.status, Outcome::failed);
  expect_nothing_visible(result, ErrorCode::internal);
  EXPECT_THAT(result.error->to_string(), HasSubstr("6 rows were handed to the target, which holds 5"));
}

TEST_F(Executor, FailuresBeforePublishingLeaveNothing) {
  system_.read_fails = true;
  expect_nothing_visible(run(copy(open())), ErrorCode::unavailable);
  system_.read_fails = false;
  system_.stage_fails = true;
  expect_nothing_visible(run(copy(open())), ErrorCode::permission_denied);
  system_.stage_fails = false;
  system_.commit_fails = true;
  const auto result = run(copy(open()));
  expect_nothing_visible(result, ErrorCode::unavailable);
  EXPECT_THAT(result.error->chain(), HasSubstr("publishing to memory"));
  EXPECT_EQ(system_.events.back(), "abort");
}

TEST_F(Executor, ACancelledRunLeavesNothing) {
  system_.on_read = [this] { context_.cancellation.request(); };
  const auto result = run(copy(open()));
  EXPECT_EQ(result.status, Outcome::cancelled);
  expect_nothing_visible(result, ErrorCode::cancelled);
}

TEST_F(Executor, OnlyNewRowsAreCopiedAndTheCursorGoesWithThem) {
  auto source = open();
  source.request.cursor = connector::CursorRange{
      .column = "id", .after = columnar::Position{.bytes = "4", .printable = "4"}, .lookback = {}};
  source.run_filters_cursor = true;
  const auto result = run(copy(source));
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_THAT(system_.published["target"], UnorderedElementsAre(5, 6));
  EXPECT_EQ(result.steps[0].rows_filtered, 4);
  ASSERT_EQ(system_.state.size(), 1U);
  EXPECT_EQ(system_.state[0].position.bytes, "6");
  EXPECT_EQ(system_.state[0].target, "target");
  EXPECT_EQ(system_.state[0].run_id, "run-1");
  ASSERT_EQ(result.cursors.size(), 1U);
  EXPECT_EQ(result.cursors[0].before, "4");
  EXPECT_EQ(result.cursors[0].after, "6");
}

TEST_F(Executor, WithoutNewsThereIsNothingToDo) {
  auto source = open();
  source.request.cursor = connector::CursorRange{
      .column = "id", .after = columnar::Position{.bytes = "6", .printable = "6"}, .lookback = {}};
  source.run_filters_cursor = true;
  const auto result = run(copy(source));
  EXPECT_EQ(result.status, Outcome::nothing_to_do);
  EXPECT_FALSE(result.error);
  EXPECT_TRUE(system_.published.empty());
  EXPECT_EQ(system_.events.back(), "abort");
}

// A first run over an empty source makes the empty table: somebody may be waiting for it.
TEST_F(Executor, AFirstRunPublishesAnEmptyTable) {
  system_.partitions = {{}};
  EXPECT_EQ(run(copy(open())).status, Outcome::ok);
  EXPECT_TRUE(system_.published.contains("target"));
}

TEST_F(Executor, ARunThatRepeatsAStoppedOneAddsNothing) {
  ASSERT_EQ(run(append()).status, Outcome::ok);
  auto before = system_.state;
  ASSERT_EQ(before.size(), 1U);
  before[0].run_id = "run-0";
  system_.published.clear();
  const auto again = run(append(), before);
  EXPECT_EQ(again.status, Outcome::nothing_to_do);
  EXPECT_EQ(again.repeats, "run-0");
  EXPECT_TRUE(system_.published.empty());

  system_.rejects_per_partition = 1;
  EXPECT_EQ(run(append(), before).status, Outcome::ok) << "records that become no rows are input, too";
  system_.rejects_per_partition = 0;
  system_.partitions = {{{1, 2, 3}, {4, 5}}, {{7}}};
  const auto other = run(append(), before);
  EXPECT_EQ(other.status, Outcome::ok);
  EXPECT_TRUE(other.repeats.empty());
  EXPECT_THAT(system_.published["target"], UnorderedElementsAre(1, 2, 3, 4, 5, 7));
}

// The answer to a commit is lost, or a later unit fails for a while: the next attempt of the same run reads anew.
TEST_F(Executor, AnAttemptLeavesWhatAnEarlierOneHasPublished) {
  ASSERT_EQ(run(append()).status, Outcome::ok);
  const auto before = system_.state;
  system_.published.clear();
  const auto same = run(append(), before);
  EXPECT_EQ(same.status, Outcome::ok);
  EXPECT_TRUE(same.repeats.empty()) << "it is the same run";
  EXPECT_TRUE(same.targets.at(0).published);
  EXPECT_TRUE(system_.published.empty());

  system_.partitions = {{{7}}};
  system_.rejects_per_partition = 2;
  const auto other = run(append(), before);
  EXPECT_EQ(other.status, Outcome::ok);
  EXPECT_TRUE(other.repeats.empty());
  EXPECT_FALSE(system_.published.contains("target"));
  EXPECT_EQ(system_.published_rows["quarantine"], 2) << "what became no rows is not lost";
  EXPECT_EQ(other.quarantine, "quarantine");
  EXPECT_EQ(system_.state.size(), before.size()) << "the earlier attempt's record stands";
}

TEST_F(Executor, UnitsOfOneConnectionBecomeVisibleOneByOne) {
  plan::Plan plan{.pipeline = "copy", .state_name = "copy", .stages = {open("a"), open("b")}};
  add_target(plan, "first", "a", 0);
  add_target(plan, "second", "b", 1);
  add_end(plan);
  add_publish(plan, {"first"}, 0);
  add_publish(plan, {"second"}, 1);
  const auto result = run(plan);
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_EQ(system_.published.size(), 2U);
  const auto& events = system_.events;
  EXPECT_LT(std::ranges::find(events, "finish second"), std::ranges::find(events, "publish first"))
      << "everything is checked before anything is published";
}

}  // namespace
}  // namespace mainstem::run
