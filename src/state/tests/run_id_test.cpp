#include "state/run_id.h"

#include <set>

#include "state/tests/fixture.h"

namespace mainstem::state {
namespace {

TEST(RunId, FollowsTheSpecification) {
  FixedClock clock;
  clock.time = Clock::TimePoint(std::chrono::milliseconds(1469922850259));  // the example of the ULID specification
  EXPECT_EQ(new_run_id(clock, [] { return ~uint64_t{0}; }), "01ARZ3NDEKZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(new_run_id(clock, [] { return uint64_t{0}; }), "01ARZ3NDEK0000000000000000");
}

TEST(RunId, SortsByTimeAndIsUnique) {
  FixedClock clock;
  const auto random = system_random();
  const auto earlier = new_run_id(clock, random);
  clock.time += std::chrono::milliseconds(1);
  EXPECT_LT(earlier, new_run_id(clock, random));
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(new_run_id(clock, random));
  EXPECT_EQ(ids.size(), 1000U);
}

}  // namespace
}  // namespace mainstem::state
