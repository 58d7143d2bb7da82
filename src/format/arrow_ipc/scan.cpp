#include "format/arrow_ipc/scan.h"

#include <algorithm>
#include <arrow/api.h>
#include <deque>
#include <fmt/format.h>

#include "columnar/conform.h"
#include "columnar/schema_union.h"
#include "columnar/slices.h"
#include "format/arrow_ipc/ipc_input.h"
#include "observability/context.h"

namespace mainstem::format::arrow_ipc {
namespace {

constexpr int kTasksPerThread = 4;

class IpcReader final : public columnar::BatchReader {
 public:
  IpcReader(BatchPull pull, std::shared_ptr<arrow::Schema> schema, std::string name)
      : pull_(std::move(pull)), schema_(std::move(schema)), name_(std::move(name)) {}

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    while (ready_.empty()) {
      MS_TRY(context.cancellation.check());
      MS_ASSIGN(const auto rows, pull_());
      if (rows == nullptr) return std::optional<columnar::Batch>();
      // Slices of what was read: a batch is in memory as a whole, as its writer made it.
      for (const auto& slice : columnar::slices(rows, context.batch_bytes, context.batch_rows)) {
        auto conforming = columnar::conform(slice, schema_);
        if (!conforming) return std::move(conforming).error().during("reading " + name_);
        ready_.push_back(*std::move(conforming));
      }
    }
    columnar::Batch batch;
    batch.rows = std::move(ready_.front());
    ready_.pop_front();
    return std::optional(std::move(batch));
  }

 private:
  BatchPull pull_;
  std::shared_ptr<arrow::Schema> schema_;
  std::string name_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> ready_;
};

class IpcScan final : public Scan {
 public:
  IpcScan(std::vector<IpcInput> inputs, std::shared_ptr<arrow::Schema> schema, int threads)
      : inputs_(std::move(inputs)), schema_(std::move(schema)) {
    for (size_t i = 0; i < inputs_.size(); ++i) add_tasks(i, threads);
  }

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  const std::vector<ScanTask>& tasks() const override { return tasks_; }

  int64_t estimated_rows() const override {
    int64_t rows = 0;
    for (const auto& input : inputs_) {
      if (input.rows < 0) return -1;
      rows += input.rows;
    }
    return rows;
  }

  std::string description() const override {
    const auto streams = std::ranges::count(inputs_, Layout::stream, &IpcInput::layout);
    return fmt::format("files={} streams={}", inputs_.size() - static_cast<size_t>(streams), streams);
  }

  Result<std::unique_ptr<columnar::BatchReader>> open(Context&, const ScanTask& task) override {
    const auto& input = inputs_[task.input];
    MS_ASSIGN(auto pull, open_batches(input, static_cast<int>(task.offset), static_cast<int>(task.length), *schema_));
    return std::unique_ptr<columnar::BatchReader>(
        std::make_unique<IpcReader>(std::move(pull), schema_, input.input->name()));
  }

 private:
  void add_tasks(size_t index, int threads) {
    const auto& input = inputs_[index];
    const int64_t bytes = input.input->size().value_or(-1);
    if (input.layout == Layout::stream) {
      tasks_.push_back({.input = index, .offset = 0, .length = -1, .estimated_bytes = bytes});
      return;
    }
    const int most = kTasksPerThread * std::max(1, threads);
    const int length = std::max(1, (input.batches + most - 1) / most);
    for (int first = 0; first < input.batches; first += length) {
      const int count = std::min(length, input.batches - first);
      tasks_.push_back({.input = index,
                        .offset = first,
                        .length = count,
                        .estimated_bytes = bytes < 0 ? -1 : bytes / input.batches * count});
    }
  }

  std::vector<IpcInput> inputs_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<ScanTask> tasks_;
};

}  // namespace

Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request) {
  MS_ASSIGN(const auto options, read_fields().read(request.options));
  columnar::SchemaUnion columns(request.declared);
  std::vector<IpcInput> inputs;
  for (const auto& input : request.inputs) {
    MS_TRY(context.cancellation.check());
    MS_ASSIGN(auto found, look_into(input, options));
    MS_TRY(columns.add(*found.schema, input->name()));
    inputs.push_back(std::move(found));
  }
  MS_ASSIGN(auto schema, columns.settle(request.columns));
  return std::unique_ptr<Scan>(std::make_unique<IpcScan>(std::move(inputs), std::move(schema), context.threads));
}

}  // namespace mainstem::format::arrow_ipc
