// A paged API with a rate limit, read by the executor.
#include "connector/testkit/shapes/paged_api.h"

#include "run/tests/shape_runs.h"

namespace mainstem::run {
namespace {

using connector::testkit::shapes::ApiServer;

class PagedApi : public ShapeRuns {
 protected:
  PagedApi() : api_(connector::testkit::shapes::paged_api(server_)), memory_(memory_connector(system_)) {
    connections_.add("from", api_, {});
    connections_.add("to", memory_, {});
  }

  void put(const std::string& resource, int64_t first, int64_t count) {
    for (int64_t id = first; id < first + count; ++id)
      server_.put(resource, {.id = id, .name = "name", .part = "a", .updated = 1'000 + id});
  }
  Copy copy(const std::string& resources) const {
    return {.source = resources,
            .target = "target",
            .schema = schema_,
            .mode = connector::WriteMode::append,
            .key = {},
            .cursor = connector::CursorRange{.column = "updated", .after = {}, .lookback = {}}};
  }
  std::vector<int64_t> sorted_ids() {
    auto ids = system_.published["target"];
    std::ranges::sort(ids);
    return ids;
  }
  static std::vector<int64_t> numbers_from(int64_t first, int64_t count) {
    std::vector<int64_t> all;
    for (int64_t id = first; id < first + count; ++id) all.push_back(id);
    return all;
  }

  ApiServer server_{clock_};
  MemorySystem system_;
  connector::ConnectorSpec api_;
  connector::ConnectorSpec memory_;
  std::shared_ptr<arrow::Schema> schema_ =
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8()),
                     arrow::field("part", arrow::utf8()), arrow::field("updated", arrow::int64())});
};

TEST_F(PagedApi, PagesComeOnceEach) {
  put("orders", 1, 95);
  const auto result = run({copy("orders")});
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_EQ(sorted_ids(), numbers_from(1, 95));
  EXPECT_EQ(server_.calls(), 10);
}

TEST_F(PagedApi, AnEndThatIsAWholePageIsAnEnd) {
  put("orders", 1, 20);
  ASSERT_FALSE(run({copy("orders")}).error);
  EXPECT_EQ(sorted_ids(), numbers_from(1, 20));
  put("empty", 1, 0);
}

// Four readers of one account meet its limit: nobody calls before the pause is over, and no page is lost or doubled.
TEST_F(PagedApi, ALimitIsSharedByAllReaders) {
  for (int64_t part = 0; part < 4; ++part) put("part" + std::to_string(part), part * 100 + 1, 100);
  server_.calls_per_window = 7;
  server_.window = std::chrono::seconds(60);
  const auto start = clock_.now();
  const auto result = run({copy("part0,part1,part2,part3")});
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_EQ(sorted_ids(), numbers_from(1, 400));
  EXPECT_EQ(server_.calls(), 40);
  EXPECT_GE(server_.refused(), 5);
  EXPECT_GE(clock_.now() - start, std::chrono::seconds(5 * 60)) << "40 calls at 7 a minute";
  EXPECT_LT(clock_.now() - start, std::chrono::seconds(6 * 60 + 1)) << "not longer than it was asked to wait";
}

TEST_F(PagedApi, OneReaderNeverCallsDuringAPause) {
  put("orders", 1, 200);
  server_.calls_per_window = 3;
  ASSERT_FALSE(run({copy("orders")}).error);
  EXPECT_EQ(sorted_ids(), numbers_from(1, 200));
  EXPECT_EQ(server_.impatient(), 0);
}

TEST_F(PagedApi, APageThatFailsIsAskedForAgain) {
  put("orders", 1, 95);
  server_.failures = {{1, 1}, {4, 3}, {10, 2}};
  const auto result = run({copy("orders")});
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_EQ(sorted_ids(), numbers_from(1, 95));
  EXPECT_EQ(server_.calls(), 16);
  EXPECT_EQ(result.steps[0].rows_read, 95);
}

TEST_F(PagedApi, APageThatFailsForGoodFailsTheRun) {
  put("orders", 1, 95);
  server_.failures = {{4, 1'000}};
  const auto result = run({copy("orders")});
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code(), ErrorCode::unavailable);
  EXPECT_TRUE(system_.batches.empty());
  EXPECT_TRUE(system_.state.empty());
  EXPECT_LT(server_.calls(), 20);
}

TEST_F(PagedApi, APauseOfADayIsAnError) {
  put("orders", 1, 20);
  server_.calls_per_window = 1;
  server_.window = std::chrono::hours(24);
  const auto result = run({copy("orders")});
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code(), ErrorCode::rate_limited);
  EXPECT_TRUE(system_.batches.empty());
}

TEST_F(PagedApi, AWaitHearsThatItIsToStop) {
  put("orders", 1, 20);
  server_.calls_per_window = 1;
  context_.on_point = {};
  int calls = 0;
  system_.on_read = {};
  const auto stop_at = clock_.now() + std::chrono::seconds(1);
  NoEngineNeeded engine;
  Progress progress;
  const Environment environment{.context = context_,
                                .engine = engine,
                                .connections = connections_,
                                .progress = progress,
                                .limits = {},
                                .slice = {},
                                .sleep = [&](std::chrono::milliseconds time) {
                                  clock_.go_on(time);
                                  ++calls;
                                  if (clock_.now() >= stop_at) test_.cancellation.request();
                                }};
  const auto result = execute(environment, plan_of({copy("orders")}), {}, "run");
  EXPECT_EQ(result.status, Outcome::cancelled);
  EXPECT_LE(clock_.now() - stop_at, std::chrono::milliseconds(100));
  EXPECT_GT(calls, 5);
}

// The last page tells up to which time the read is complete; of several resources, the earliest counts.
TEST_F(PagedApi, TheCursorIsKnownAtTheEnd) {
  put("orders", 1, 30);
  auto first = copy("orders");
  ASSERT_FALSE(run({first}).error);
  ASSERT_EQ(system_.state.size(), 1U);
  EXPECT_EQ(system_.state[0].position.printable, "1030");
  put("orders", 31, 12);
  first.cursor->after = system_.state[0].position;
  const auto result = run({first});
  ASSERT_FALSE(result.error) << result.error->to_string();
  EXPECT_EQ(sorted_ids(), numbers_from(31, 12));
  EXPECT_EQ(system_.state[1].position.printable, "1042");
  first.cursor->after = system_.state[1].position;
  EXPECT_EQ(run({first}).status, Outcome::nothing_to_do);
}

}  // namespace
}  // namespace mainstem::run
