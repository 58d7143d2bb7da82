#include "app/inspect/memory_tables.h"

#include <arrow/api.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>

#include "columnar/status.h"
#include "observability/context.h"

namespace mainstem::app::inspect {
namespace {

using columnar::from_arrow;
using connector::ReadRequest;
using connector::WriteRequest;

class TableReader final : public connector::BatchReader {
 public:
  TableReader(std::shared_ptr<arrow::Table> table, int64_t batch_rows)
      : table_(std::move(table)), reader_(std::make_unique<arrow::TableBatchReader>(*table_)) {
    reader_->set_chunksize(batch_rows);
  }

  Result<std::optional<columnar::Batch>> next(Context&) override {
    columnar::Batch batch;
    MS_TRY(from_arrow(reader_->ReadNext(&batch.rows), "reading a table in memory"));
    if (batch.rows == nullptr) return std::optional<columnar::Batch>();
    return std::optional(std::move(batch));
  }

 private:
  std::shared_ptr<arrow::Table> table_;
  std::unique_ptr<arrow::TableBatchReader> reader_;
};

class MemoryRead final : public connector::PlannedRead {
 public:
  explicit MemoryRead(std::shared_ptr<arrow::Table> table) : table_(std::move(table)) {
    plan_.schema = table_->schema();
    plan_.estimate.rows = table_->num_rows();
    plan_.partitions = {{.id = "all", .bytes = "", .estimate = plan_.estimate}};
  }
  const connector::ReadPlan& plan() const override { return plan_; }
  Result<std::unique_ptr<connector::BatchReader>> open(Context& context, const connector::Partition&) override {
    return std::unique_ptr<connector::BatchReader>(std::make_unique<TableReader>(table_, context.batch_rows));
  }

 private:
  std::shared_ptr<arrow::Table> table_;
  connector::ReadPlan plan_;
};

class MemorySource final : public connector::Source {
 public:
  explicit MemorySource(std::shared_ptr<MemoryTables> tables) : tables_(std::move(tables)) {}

  Result<std::vector<connector::TableInfo>> discover(Context&, const std::string&) override {
    return std::vector<connector::TableInfo>{};
  }
  Result<std::unique_ptr<connector::PlannedRead>> plan_read(Context&, const ReadRequest& request) override {
    auto table = tables_->find(request.table);
    if (table == nullptr) return Error(ErrorCode::not_found, fmt::format("no table '{}' in memory", request.table));
    return std::unique_ptr<connector::PlannedRead>(std::make_unique<MemoryRead>(std::move(table)));
  }

 private:
  std::shared_ptr<MemoryTables> tables_;
};

// A table being filled, by as many lanes as come.
struct Filling {
  std::mutex mutex;
  std::string name;
  std::string table;
  std::shared_ptr<arrow::Schema> schema;
  arrow::RecordBatchVector batches;
  int64_t rows = 0;
  int64_t bytes = 0;
};

class MemoryLane final : public connector::Lane {
 public:
  explicit MemoryLane(std::shared_ptr<Filling> filling) : filling_(std::move(filling)) {}
  Result<void> write(Context& context, const arrow::RecordBatch& batch) override {
    const std::lock_guard lock(filling_->mutex);
    filling_->bytes += arrow::util::TotalBufferSize(batch);
    if (filling_->bytes > context.memory.limit_bytes() / 2)
      return Error(ErrorCode::resource_exhausted, "the rows take more than half of the memory")
          .hint("limit them with --limit, or write them to a file with mainstem copy or a pipeline");
    filling_->batches.push_back(arrow::RecordBatch::Make(filling_->schema, batch.num_rows(), batch.columns()));
    filling_->rows += batch.num_rows();
    return {};
  }
  Result<void> close(Context&) override { return {}; }

 private:
  std::shared_ptr<Filling> filling_;
};

class MemoryStage final : public connector::StagedTable {
 public:
  explicit MemoryStage(std::shared_ptr<Filling> filling) : filling_(std::move(filling)) {}
  Result<std::unique_ptr<connector::Lane>> open_lane(Context&) override {
    return std::unique_ptr<connector::Lane>(std::make_unique<MemoryLane>(filling_));
  }
  int max_lanes() const override { return 64; }
  Result<connector::Receipt> finish(Context&) override { return connector::Receipt{.rows = filling_->rows}; }

 private:
  std::shared_ptr<Filling> filling_;
};

class MemoryUnit final : public connector::PublishUnit {
 public:
  explicit MemoryUnit(std::shared_ptr<MemoryTables> tables) : tables_(std::move(tables)) {}

  Result<std::unique_ptr<connector::StagedTable>> stage(Context&, const WriteRequest& request) override {
    auto filling = std::make_shared<Filling>();
    filling->name = request.name;
    filling->table = request.table;
    filling->schema = request.schema;
    fillings_.push_back(filling);
    return std::unique_ptr<connector::StagedTable>(std::make_unique<MemoryStage>(filling));
  }
  Result<std::vector<connector::PublishedTable>> commit(Context&, const connector::StateRecords&) override {
    std::vector<connector::PublishedTable> published;
    for (const auto& filling : fillings_) {
      MS_ASSIGN(auto table, from_arrow(arrow::Table::FromRecordBatches(filling->schema, filling->batches)));
      tables_->put(filling->table, std::move(table));
      published.push_back({.name = filling->name, .inserted = filling->rows, .rows_after = filling->rows});
    }
    return published;
  }
  void abort() noexcept override { fillings_.clear(); }

 private:
  std::shared_ptr<MemoryTables> tables_;
  std::vector<std::shared_ptr<Filling>> fillings_;
};

class MemorySink final : public connector::Sink {
 public:
  explicit MemorySink(std::shared_ptr<MemoryTables> tables) : tables_(std::move(tables)) {}

  Result<void> check(Context&, const WriteRequest&) override { return {}; }
  Result<std::unique_ptr<connector::PublishUnit>> begin(Context&, const std::string&) override {
    return std::unique_ptr<connector::PublishUnit>(std::make_unique<MemoryUnit>(tables_));
  }
  Result<connector::StateRecords> published_state(Context&, const std::string&,
                                                  const std::vector<WriteRequest>&) override {
    return connector::StateRecords{};
  }
  connector::QuarantinePlace quarantine_place(const WriteRequest&) const override {
    return {.name = "quarantine", .table = "quarantine", .target_options = {}, .source_options = {}};
  }
  std::string uri(const WriteRequest& request) const override { return "memory:" + request.table; }

 private:
  std::shared_ptr<MemoryTables> tables_;
};

}  // namespace

void MemoryTables::put(const std::string& name, std::shared_ptr<arrow::Table> table) {
  const std::lock_guard lock(mutex_);
  tables_[name] = std::move(table);
}

std::shared_ptr<arrow::Table> MemoryTables::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto it = tables_.find(name);
  return it == tables_.end() ? nullptr : it->second;
}

connector::ConnectorSpec memory_connector(std::shared_ptr<MemoryTables> tables) {
  using connector::Delivery;
  using connector::WriteMode;
  connector::ConnectorSpec spec;
  spec.name = kMemoryType;
  spec.title = "Memory";
  spec.capabilities = {
      .read = true,
      .write = true,
      .group_publish = true,
      .writes = {{WriteMode::replace, Delivery::transactional}, {WriteMode::append, Delivery::transactional}}};
  spec.make_source = [tables](const config::Node&) -> Result<std::unique_ptr<connector::Source>> {
    return std::unique_ptr<connector::Source>(std::make_unique<MemorySource>(tables));
  };
  spec.make_sink = [tables](const config::Node&) -> Result<std::unique_ptr<connector::Sink>> {
    return std::unique_ptr<connector::Sink>(std::make_unique<MemorySink>(tables));
  };
  return spec;
}

}  // namespace mainstem::app::inspect
