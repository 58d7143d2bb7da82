#pragma once

#include <arrow/api.h>
#include <atomic>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connector/spec.h"
#include "connector/testkit/test_context.h"
#include "observability/context.h"

namespace mainstem::run {

/// A system in memory that reads numbers and publishes tables, and that can be told to fail. Outlives its sides.
struct MemorySystem {
  // The source: partitions of batches.
  std::vector<std::vector<std::vector<int64_t>>> partitions{{{1, 2, 3}, {4, 5}}, {{6}}};
  int rejects_per_partition = 0;
  bool read_fails = false;
  std::function<void()> on_read;
  bool unbounded = false;  ///< after its batches, readers wait for more instead of ending
  bool acknowledge_fails = false;
  std::vector<std::string> acknowledged;
  std::map<size_t, size_t> given;  ///< batches of each partition, where the read is unbounded

  // The sink.
  bool stage_fails = false;
  bool commit_fails = false;
  int64_t rows_to_lose = 0;
  std::map<std::string, std::vector<int64_t>> published;
  std::map<std::string, int64_t> published_rows;
  std::map<std::string, arrow::RecordBatchVector> batches;  ///< of all publishes, one after the other
  connector::StateRecords state;
  std::vector<std::string> events;
  std::mutex mutex;

  void note(const std::string& event) {
    const std::lock_guard lock(mutex);
    events.push_back(event);
  }
};

inline std::shared_ptr<arrow::Schema> numbers_schema() { return arrow::schema({arrow::field("id", arrow::int64())}); }

inline std::shared_ptr<arrow::RecordBatch> numbers(const std::vector<int64_t>& values) {
  arrow::Int64Builder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return arrow::RecordBatch::Make(numbers_schema(), static_cast<int64_t>(values.size()),
                                  {builder.Finish().ValueOrDie()});
}

class MemoryReader final : public connector::BatchReader {
 public:
  MemoryReader(MemorySystem& system, size_t partition) : system_(system), partition_(partition) {}

  Result<std::optional<columnar::Batch>> next(Context&) override {
    if (system_.on_read) system_.on_read();
    if (system_.read_fails && next_ > 0) return Error(ErrorCode::unavailable, "the connection is gone");
    const auto& batches = system_.partitions[partition_];
    if (next_ == batches.size() && system_.unbounded) return std::optional(columnar::Batch());
    if (next_ == batches.size()) return std::optional<columnar::Batch>();
    columnar::Batch batch{.rows = numbers(batches[next_]), .rejects = {}, .position = {}};
    if (system_.unbounded) {
      const std::lock_guard lock(system_.mutex);
      system_.given[partition_] = next_ + 1;
    }
    if (next_ == 0)
      for (int i = 0; i < system_.rejects_per_partition; ++i)
        batch.rejects.push_back({.object = "numbers.csv", .line = i + 1, .code = "invalid_integer", .raw = "x"});
    ++next_;
    return std::optional(std::move(batch));
  }

 private:
  MemorySystem& system_;
  size_t partition_;
  size_t next_ = 0;
};

class MemoryRead final : public connector::PlannedRead {
 public:
  explicit MemoryRead(MemorySystem& system) : system_(system) {
    plan_.schema = numbers_schema();
    plan_.unbounded = system.unbounded;
    for (size_t i = 0; i < system.partitions.size(); ++i) plan_.partitions.push_back({.id = std::to_string(i)});
  }
  const connector::ReadPlan& plan() const override { return plan_; }
  Result<std::unique_ptr<connector::BatchReader>> open(Context&, const connector::Partition& partition) override {
    return std::unique_ptr<connector::BatchReader>(
        std::make_unique<MemoryReader>(system_, static_cast<size_t>(std::stoi(partition.id))));
  }
  // As a queue's: how far each of its partitions was read.
  std::optional<columnar::Position> position() const override {
    if (!system_.unbounded) return std::nullopt;
    const std::lock_guard lock(system_.mutex);
    std::string text;
    for (const auto& [partition, batches] : system_.given)
      text += std::to_string(partition) + ":" + std::to_string(batches) + " ";
    return columnar::Position{.bytes = text, .printable = text};
  }
  Result<void> acknowledge(Context&, const columnar::Position& position) override {
    if (system_.acknowledge_fails) return Error(ErrorCode::permission_denied, "not allowed");
    system_.acknowledged.push_back(position.printable);
    return {};
  }

 private:
  MemorySystem& system_;
  connector::ReadPlan plan_;
};

class MemorySource final : public connector::Source {
 public:
  explicit MemorySource(MemorySystem& system) : system_(system) {}
  Result<std::vector<connector::TableInfo>> discover(Context&, const std::string&) override {
    return std::vector<connector::TableInfo>{};
  }
  Result<std::unique_ptr<connector::PlannedRead>> plan_read(Context&, const connector::ReadRequest&) override {
    return std::unique_ptr<connector::PlannedRead>(std::make_unique<MemoryRead>(system_));
  }

 private:
  MemorySystem& system_;
};

/// What one table of a unit has been given.
struct MemoryStaging {
  std::string name;
  std::mutex mutex;
  std::vector<int64_t> values;  // of the first column, where that is a number
  arrow::RecordBatchVector batches;
  int64_t rows = 0;
};

class MemoryLane final : public connector::Lane {
 public:
  MemoryLane(MemorySystem& system, std::shared_ptr<MemoryStaging> staging)
      : system_(system), staging_(std::move(staging)) {}
  Result<void> write(Context&, const arrow::RecordBatch& batch) override {
    const std::lock_guard lock(staging_->mutex);
    staging_->rows += batch.num_rows();
    staging_->batches.push_back(batch.Slice(0));
    if (batch.column(0)->type_id() != arrow::Type::INT64) return {};
    const auto& ids = static_cast<const arrow::Int64Array&>(*batch.column(0));
    for (int64_t i = 0; i < ids.length(); ++i) staging_->values.push_back(ids.Value(i));
    return {};
  }
  Result<void> close(Context&) override {
    system_.note("close " + staging_->name);
    return {};
  }

 private:
  MemorySystem& system_;
  std::shared_ptr<MemoryStaging> staging_;
};

class MemoryTable final : public connector::StagedTable {
 public:
  MemoryTable(MemorySystem& system, std::shared_ptr<MemoryStaging> staging)
      : system_(system), staging_(std::move(staging)) {}
  Result<std::unique_ptr<connector::Lane>> open_lane(Context&) override {
    return std::unique_ptr<connector::Lane>(std::make_unique<MemoryLane>(system_, staging_));
  }
  int max_lanes() const override { return 2; }
  Result<connector::Receipt> finish(Context&) override {
    system_.note("finish " + staging_->name);
    return connector::Receipt{.rows = staging_->rows - system_.rows_to_lose};
  }

 private:
  MemorySystem& system_;
  std::shared_ptr<MemoryStaging> staging_;
};

class MemoryUnit final : public connector::PublishUnit {
 public:
  explicit MemoryUnit(MemorySystem& system) : system_(system) {}
  ~MemoryUnit() override { abort(); }

  Result<std::unique_ptr<connector::StagedTable>> stage(Context&, const connector::WriteRequest& request) override {
    if (system_.stage_fails) return Error(ErrorCode::permission_denied, "no right to create tables");
    system_.note("stage " + request.name);
    staged_.push_back(std::make_shared<MemoryStaging>());
    staged_.back()->name = request.name;
    return std::unique_ptr<connector::StagedTable>(std::make_unique<MemoryTable>(system_, staged_.back()));
  }
  Result<std::vector<connector::PublishedTable>> commit(Context&, const connector::StateRecords& state) override {
    if (system_.commit_fails) return Error(ErrorCode::unavailable, "the connection is gone");
    std::vector<connector::PublishedTable> tables;
    for (const auto& staging : staged_) {
      system_.note("publish " + staging->name);
      system_.published[staging->name] = staging->values;
      system_.published_rows[staging->name] = staging->rows;
      auto& all = system_.batches[staging->name];
      all.insert(all.end(), staging->batches.begin(), staging->batches.end());
      tables.push_back({.name = staging->name, .inserted = staging->rows, .rows_after = staging->rows});
    }
    system_.state.insert(system_.state.end(), state.begin(), state.end());
    staged_.clear();
    return tables;
  }
  void abort() noexcept override {
    if (!staged_.empty()) system_.note("abort");
    staged_.clear();
  }

 private:
  MemorySystem& system_;
  std::vector<std::shared_ptr<MemoryStaging>> staged_;
};

class MemorySink final : public connector::Sink {
 public:
  explicit MemorySink(MemorySystem& system) : system_(system) {}
  Result<void> check(Context&, const connector::WriteRequest&) override { return {}; }
  Result<std::unique_ptr<connector::PublishUnit>> begin(Context&, const std::string&) override {
    return std::unique_ptr<connector::PublishUnit>(std::make_unique<MemoryUnit>(system_));
  }
  Result<connector::StateRecords> published_state(Context&, const std::string&,
                                                  const std::vector<connector::WriteRequest>&) override {
    return system_.state;
  }
  connector::QuarantinePlace quarantine_place(const connector::WriteRequest&) const override { return {}; }
  std::string uri(const connector::WriteRequest& request) const override { return "memory://" + request.name; }

 private:
  MemorySystem& system_;
};

inline connector::ConnectorSpec memory_connector(MemorySystem& system) {
  connector::ConnectorSpec spec;
  spec.name = "memory";
  spec.make_source = [&system](const config::Node&) -> Result<std::unique_ptr<connector::Source>> {
    return std::unique_ptr<connector::Source>(std::make_unique<MemorySource>(system));
  };
  spec.make_sink = [&system](const config::Node&) -> Result<std::unique_ptr<connector::Sink>> {
    return std::unique_ptr<connector::Sink>(std::make_unique<MemorySink>(system));
  };
  return spec;
}

}  // namespace mainstem::run
