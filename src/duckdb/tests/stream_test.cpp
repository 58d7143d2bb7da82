#include <numeric>
#include <sys/resource.h>
#include <thread>

#include "duckdb/tests/fixture.h"

namespace mainstem::duckdb {
namespace {

constexpr int kBatches = 64;
constexpr int kRows = 5'000;

std::vector<std::shared_ptr<arrow::RecordBatch>> numbered_batches() {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  int64_t next = 0;
  for (int i = 0; i < kBatches; ++i) {
    arrow::Int64Builder ids;
    arrow::StringBuilder names;
    for (int row = 0; row < kRows; ++row, ++next) {
      EXPECT_TRUE(ids.Append(next).ok());
      EXPECT_TRUE(names.Append("name of row number " + std::to_string(next)).ok());
    }
    batches.push_back(arrow::RecordBatch::Make(
        arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())}), kRows,
        {ids.Finish().ValueOrDie(), names.Finish().ValueOrDie()}));
  }
  return batches;
}

StreamInput numbered_stream(int parts) {
  auto batches = numbered_batches();
  auto schema = batches[0]->schema();
  return stream_of(schema, std::move(batches), parts);
}

constexpr int64_t kTotal = int64_t{kBatches} * kRows;

TEST(Stream, EveryRowOnceInParallel) {
  auto connection = open_memory(nullptr, 4);
  must(connection.add_stream("s", numbered_stream(8)));
  Collected out;
  const auto sql = "SELECT id, name FROM " + connection.stream_table("s");
  EXPECT_EQ(must(connection.stream(sql, out.opener(), {})), kTotal);
  EXPECT_EQ(out.rows(), kTotal);
  EXPECT_GE(out.opened, 1);
  EXPECT_LE(out.opened, 4);
  EXPECT_EQ(out.closed, out.opened);
  std::vector<bool> seen(kTotal, false);
  for (const auto& batch : out.batches) {
    const auto& ids = static_cast<const arrow::Int64Array&>(*batch->column(0));
    const auto& names = static_cast<const arrow::StringArray&>(*batch->column(1));
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      const auto id = static_cast<size_t>(ids.Value(row));
      ASSERT_FALSE(seen[id]);
      seen[id] = true;
      ASSERT_EQ(names.GetView(row), "name of row number " + std::to_string(id));
    }
  }
}

TEST(Stream, ProjectionAndCount) {
  auto connection = open_memory();
  must(connection.add_stream("a", numbered_stream(3)));
  must(connection.add_stream("b", numbered_stream(3)));
  EXPECT_EQ(must(connection.texts("SELECT count(*) FROM " + connection.stream_table("a")))[0][0],
            std::to_string(kTotal));
  EXPECT_EQ(must(connection.texts("SELECT max(name) FROM " + connection.stream_table("b")))[0][0],
            "name of row number 99999");
}

TEST(Stream, SecondReadIsAnErrorNotAnEmptyTable) {
  auto connection = open_memory();
  must(connection.add_stream("s", numbered_stream(1)));
  const auto from = connection.stream_table("s");
  must(connection.execute("CREATE VIEW v AS SELECT * FROM " + from));
  must(connection.describe("SELECT * FROM v"));
  must(connection.execute("SELECT count(*) FROM v"));
  EXPECT_EQ(connection.execute("SELECT count(*) FROM v").error().code(), ErrorCode::internal);
  must(connection.add_stream("t", numbered_stream(1)));
  const auto twice = connection.execute("SELECT count(*) FROM " + connection.stream_table("t") + " x JOIN " +
                                        connection.stream_table("t") + " y USING (id)");
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().message().find("t has been read before"), std::string::npos);
}

TEST(Stream, ErrorsOfTheSourceArriveUnchanged) {
  auto connection = open_memory();
  auto input = numbered_stream(1);
  input.open_next = []() -> Result<BatchPull> {
    return BatchPull([]() -> Result<std::shared_ptr<arrow::RecordBatch>> {
      return Error(ErrorCode::rate_limited, "HTTP 429").hint("wait").during("reading page 3");
    });
  };
  must(connection.add_stream("s", std::move(input)));
  const auto failed = connection.execute("SELECT count(*) FROM " + connection.stream_table("s"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::rate_limited);
  EXPECT_EQ(failed.error().hint(), "wait");
  EXPECT_EQ(failed.error().chain(), "reading page 3: HTTP 429");
}

TEST(Stream, BatchesOfAnotherShapeAreRefused) {
  auto connection = open_memory();
  auto batches = numbered_batches();
  batches[1] = batches[1]->RemoveColumn(1).ValueOrDie();
  must(connection.add_stream("s", stream_of(batches[0]->schema(), batches)));
  EXPECT_EQ(connection.execute("SELECT count(id) FROM " + connection.stream_table("s")).error().code(),
            ErrorCode::internal);
}

class FailingLane final : public BatchLane {
 public:
  Result<void> write(const std::shared_ptr<arrow::RecordBatch>&) override {
    return Error(ErrorCode::resource_exhausted, "disk full").during("writing orders");
  }
  Result<void> close() override {
    ADD_FAILURE() << "a failed lane was closed";
    return {};
  }
};

TEST(Stream, ErrorsOfALaneArriveUnchanged) {
  auto connection = open_memory();
  const auto failed = connection.stream(
      "FROM range(100000)", [] { return Result<std::unique_ptr<BatchLane>>(std::make_unique<FailingLane>()); }, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::resource_exhausted);
  EXPECT_EQ(failed.error().chain(), "writing orders: disk full");
  const auto refused = connection.stream(
      "FROM range(10)", []() -> Result<std::unique_ptr<BatchLane>> { return Error(ErrorCode::conflict, "no lane"); },
      {});
  EXPECT_EQ(refused.error().message(), "no lane");
}

TEST(Stream, EqualAndEmptyAndNullRowsAllCount) {
  auto connection = open_memory();
  Collected out;
  EXPECT_EQ(must(connection.stream("SELECT 1 AS a, NULL::varchar AS b FROM range(100000)", out.opener(), {})), 100'000);
  EXPECT_EQ(out.rows(), 100'000);
  Collected none;
  EXPECT_EQ(must(connection.stream("SELECT 1 WHERE false -- nothing", none.opener(), {})), 0);
  EXPECT_EQ(none.opened, none.closed);
  Collected twice;
  EXPECT_EQ(must(connection.stream("SELECT 1 AS a, 2 AS a", twice.opener(), {})), 1);
  EXPECT_EQ(twice.batches[0]->schema()->ToString(), "a: int32\na: int32");
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST(Stream, WaitingForASourceUsesNoProcessor) {
  auto connection = open_memory();
  const auto batch = numbered_batches()[0];
  StreamInput input{.schema = batch->schema(), .parallelism = 1, .estimated_rows = -1, .open_next = {}};
  input.open_next = [batch, given = std::make_shared<std::atomic<int>>(0)]() -> Result<BatchPull> {
    if ((*given)++ > 0) return BatchPull();
    return BatchPull([batch, left = 10]() mutable -> Result<std::shared_ptr<arrow::RecordBatch>> {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      return left-- > 0 ? batch : nullptr;
    });
  };
  must(connection.add_stream("slow", std::move(input)));
  const double before = cpu_seconds();
  must(connection.execute("SELECT count(*), max(id) FROM " + connection.stream_table("slow")));
  EXPECT_LT(cpu_seconds() - before, 0.5);  // a spinning thread would use more than a second
}

}  // namespace
}  // namespace mainstem::duckdb
