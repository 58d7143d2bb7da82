#pragma once

#include <arrow/api.h>
#include <atomic>
#include <gtest/gtest.h>
#include <mutex>

#include "duckdb/database.h"

namespace mainstem::duckdb {

/// Lanes that keep what they are given.
class Collected {
 public:
  BatchLaneOpener opener() {
    return [this]() -> Result<std::unique_ptr<BatchLane>> {
      ++opened;
      return std::unique_ptr<BatchLane>(std::make_unique<Lane>(*this));
    };
  }
  int64_t rows() const {
    int64_t total = 0;
    for (const auto& batch : batches) total += batch->num_rows();
    return total;
  }

  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  std::atomic<int> opened = 0;
  std::atomic<int> closed = 0;

 private:
  class Lane final : public BatchLane {
   public:
    explicit Lane(Collected& all) : all_(all) {}
    Result<void> write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
      EXPECT_TRUE(batch->ValidateFull().ok());
      const std::lock_guard lock(all_.mutex_);
      all_.batches.push_back(batch);
      return {};
    }
    Result<void> close() override {
      ++all_.closed;
      return {};
    }

   private:
    Collected& all_;
  };
  std::mutex mutex_;
};

/// A stream of the given batches, `parts` of them side by side.
inline StreamInput stream_of(std::shared_ptr<arrow::Schema> schema,
                             std::vector<std::shared_ptr<arrow::RecordBatch>> batches, int parts = 1) {
  struct Shared {
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
    std::atomic<size_t> next_part = 0;
    size_t parts;
  };
  auto shared = std::make_shared<Shared>();
  shared->batches = std::move(batches);
  shared->parts = static_cast<size_t>(parts);
  return {.schema = std::move(schema),
          .parallelism = parts,
          .estimated_rows = -1,
          .open_next = [shared]() -> Result<BatchPull> {
            const size_t part = shared->next_part++;
            if (part >= shared->parts) return BatchPull();
            return BatchPull([shared, at = part]() mutable -> Result<std::shared_ptr<arrow::RecordBatch>> {
              if (at >= shared->batches.size()) return std::shared_ptr<arrow::RecordBatch>();
              auto batch = shared->batches[at];
              at += shared->parts;
              return batch;
            });
          }};
}

inline std::shared_ptr<arrow::RecordBatch> one_column(const std::string& name,
                                                      const std::shared_ptr<arrow::Array>& values) {
  return arrow::RecordBatch::Make(arrow::schema({arrow::field(name, values->type())}), values->length(), {values});
}

template <class T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
  return *std::move(result);
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
}

inline Connection open_memory(const Cancellation* cancellation = nullptr, int threads = 2) {
  const auto database = must(Database::open({.path = "", .threads = threads, .keep_order = false}));
  return must(database.connect(cancellation));
}

/// All rows of a query in one batch.
inline std::shared_ptr<arrow::RecordBatch> read_all(Connection& connection, const std::string& sql) {
  const auto pull = must(connection.read(sql, {}));
  arrow::RecordBatchVector batches;
  for (;;) {
    auto batch = must(pull());
    if (batch == nullptr) break;
    EXPECT_TRUE(batch->ValidateFull().ok());
    batches.push_back(batch);
  }
  const auto schema = must(connection.describe(sql)).schema;
  if (batches.empty()) return arrow::RecordBatch::MakeEmpty(schema).ValueOrDie();
  return arrow::ConcatenateRecordBatches(batches).ValueOrDie();
}

}  // namespace mainstem::duckdb
