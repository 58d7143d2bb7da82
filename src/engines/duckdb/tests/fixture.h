#pragma once

#include <arrow/api.h>
#include <atomic>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>

#include "engines/duckdb/engine.h"
#include "observability/context.h"

namespace mainstem::engines::duckdb {

template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().to_string();
    std::abort();
  }
  return *std::move(result);
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
}

/// A context with a scratch folder that goes away.
class Scratch {
 public:
  Scratch() {
    auto path = (std::filesystem::temp_directory_path() / "mainstem-engine-XXXXXX").string();
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    context.scratch_directory = path;
  }
  ~Scratch() { std::filesystem::remove_all(context.scratch_directory); }

  std::unique_ptr<engine::Session> open(ByteCount limit = mebibytes(512), int threads = 2) {
    return must(make_engine()->open(context, {.memory = limit, .spill = gibibytes(4), .threads = threads}));
  }

  Cancellation cancellation;
  SystemClock clock;
  observability::NullLog log;
  observability::MemoryBudget budget{gibibytes(1)};
  Context context{.cancellation = cancellation, .clock = clock, .log = log, .memory = budget};
};

/// A stream of one part that holds `rows` rows: id 0, 1, 2, ... and a name.
inline engine::InputStreams numbered(int64_t rows, int parts = 1) {
  auto schema = arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())});
  auto next = std::make_shared<std::atomic<int64_t>>(0);
  auto opened = std::make_shared<std::atomic<int>>(0);
  class Part final : public engine::BatchStream {
   public:
    Part(std::shared_ptr<arrow::Schema> schema, std::shared_ptr<std::atomic<int64_t>> next, int64_t rows)
        : schema_(std::move(schema)), next_(std::move(next)), rows_(rows) {}
    Result<std::shared_ptr<arrow::RecordBatch>> next() override {
      constexpr int64_t kBatch = 3'000;
      const int64_t begin = next_->fetch_add(kBatch);
      if (begin >= rows_) return std::shared_ptr<arrow::RecordBatch>();
      const int64_t end = std::min(rows_, begin + kBatch);
      arrow::Int64Builder ids;
      arrow::StringBuilder names;
      for (int64_t id = begin; id < end; ++id) {
        EXPECT_TRUE(ids.Append(id).ok());
        EXPECT_TRUE(names.Append("the name of row " + std::to_string(id)).ok());
      }
      return arrow::RecordBatch::Make(schema_, end - begin, {ids.Finish().ValueOrDie(), names.Finish().ValueOrDie()});
    }

   private:
    std::shared_ptr<arrow::Schema> schema_;
    std::shared_ptr<std::atomic<int64_t>> next_;
    int64_t rows_;
  };
  return {.schema = schema,
          .parallelism = parts,
          .estimated_rows = rows,
          .open_next = [=]() -> Result<std::unique_ptr<engine::BatchStream>> {
            if ((*opened)++ >= parts) return std::unique_ptr<engine::BatchStream>();
            return std::unique_ptr<engine::BatchStream>(std::make_unique<Part>(schema, next, rows));
          }};
}

/// Lanes that count.
class Counted {
 public:
  engine::LaneOpener opener() {
    return [this] { return Result<std::unique_ptr<engine::OutputLane>>(std::make_unique<Lane>(*this)); };
  }
  std::atomic<int64_t> rows = 0;
  std::atomic<int64_t> largest_batch = 0;
  std::atomic<int> closed = 0;

 private:
  class Lane final : public engine::OutputLane {
   public:
    explicit Lane(Counted& counted) : counted_(counted) {}
    Result<void> write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
      counted_.rows += batch->num_rows();
      counted_.largest_batch = std::max(counted_.largest_batch.load(), batch->num_rows());
      return {};
    }
    Result<void> close() override {
      ++counted_.closed;
      return {};
    }

   private:
    Counted& counted_;
  };
};

inline int64_t number(const std::shared_ptr<arrow::Table>& table) {
  EXPECT_EQ(table->num_rows(), 1);
  return static_cast<const arrow::Int64Array&>(*table->column(0)->chunk(0)).Value(0);
}

}  // namespace mainstem::engines::duckdb
