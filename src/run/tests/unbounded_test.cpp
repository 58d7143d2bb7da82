// Reads that do not end by themselves, as those of queues: a run takes a slice, and tells the source of what is
// published.
#include "run/tests/shape_runs.h"

namespace mainstem::run {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class Unbounded : public ShapeRuns {
 protected:
  Unbounded() : memory_(memory_connector(system_)) {
    connections_.add("from", memory_, {});
    connections_.add("to", memory_, {});
    system_.unbounded = true;
  }
  RunResult copy() { return run({{.source = "numbers", .target = "target", .schema = numbers_schema()}}); }

  MemorySystem system_;
  connector::ConnectorSpec memory_;
};

TEST_F(Unbounded, ASliceEndsAfterSomeTimeAndHoldsEveryPart) {
  system_.partitions = {{{1, 2}, {3}}, {{4}}, {{5, 6}}};
  const std::map<size_t, size_t> all = {{0, 2}, {1, 1}, {2, 1}};
  // Time passes only where there is nothing left to read.
  system_.on_read = [&] {
    const std::lock_guard lock(system_.mutex);
    if (system_.given == all) clock_.go_on(std::chrono::seconds(1));
  };
  context_.threads = 1;
  const auto result = copy();
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_THAT(system_.published["target"], UnorderedElementsAre(1, 2, 3, 4, 5, 6));
  ASSERT_EQ(system_.state.size(), 1U);
  EXPECT_EQ(system_.state[0].position.bytes, "0:2 1:1 2:1 ");
  EXPECT_THAT(system_.acknowledged, ElementsAre("0:2 1:1 2:1 "));
}

TEST_F(Unbounded, ASliceEndsAfterSoManyRows) {
  system_.partitions = {{{1, 2}, {3, 4}, {5, 6}}};
  slice_ = {.rows = 3, .time = std::chrono::hours(1)};
  const auto result = copy();
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_THAT(system_.published["target"], ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(system_.acknowledged, ElementsAre("0:2 "));
}

TEST_F(Unbounded, OnlyWhatIsPublishedIsAcknowledged) {
  slice_ = {.rows = 1, .time = std::chrono::hours(1)};
  system_.commit_fails = true;
  EXPECT_EQ(copy().status, Outcome::failed);
  EXPECT_TRUE(system_.acknowledged.empty());
  system_.commit_fails = false;
  system_.acknowledge_fails = true;
  EXPECT_EQ(copy().status, Outcome::ok) << "what is published is published";
}

// As a preview is, or a pipeline that keeps no position.
TEST_F(Unbounded, WhatIsNotPublishedWithItsPositionIsNotAcknowledged) {
  slice_ = {.rows = 1, .time = std::chrono::hours(1)};
  auto plan = plan_of({{.source = "numbers", .target = "target", .schema = numbers_schema()}});
  std::get<plan::PublishGroup>(plan.stages[plan.stages.size() - 2]).cursors.clear();
  EXPECT_EQ(run(plan).status, Outcome::ok);
  EXPECT_TRUE(system_.acknowledged.empty());
}

}  // namespace
}  // namespace mainstem::run
