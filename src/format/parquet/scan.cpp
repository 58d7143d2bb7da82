#include "format/parquet/scan.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <numeric>

#include "columnar/schema_union.h"
#include "format/parquet/parquet_file.h"
#include "format/parquet/row_group_reader.h"
#include "observability/context.h"

namespace mainstem::format::parquet {
namespace {

// A task is long enough that opening a file does not count, and short enough that all threads finish together.
constexpr int64_t kLeastTaskBytes = 8 << 20;
constexpr int64_t kMostTaskBytes = 128 << 20;
constexpr int64_t kTasksPerThread = 4;

class ParquetScan final : public Scan {
 public:
  ParquetScan(std::vector<ParquetFile> files, std::shared_ptr<arrow::Schema> schema, ReadOptions options)
      : files_(std::move(files)), schema_(std::move(schema)), options_(options) {}

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  const std::vector<ScanTask>& tasks() const override { return tasks_; }
  int64_t estimated_rows() const override { return rows_; }

  std::string description() const override {
    size_t row_groups = 0;
    for (const auto& file : files_) row_groups += file.row_groups.size();
    return fmt::format("files={} row_groups={} rows={}", files_.size(), row_groups, rows_);
  }

  Result<std::unique_ptr<columnar::BatchReader>> open(Context& context, const ScanTask& task) override {
    std::vector<int> row_groups(static_cast<size_t>(task.length));
    std::iota(row_groups.begin(), row_groups.end(), static_cast<int>(task.offset));
    return RowGroupReader::open(context, files_[task.input], options_, std::move(row_groups), schema_);
  }

  void cut_into_tasks(int threads) {
    int64_t bytes = 0;
    for (const auto& file : files_)
      for (const auto& group : file.row_groups) {
        rows_ += group.rows;
        bytes += group.bytes;
      }
    const int64_t target =
        std::clamp(bytes / (kTasksPerThread * std::max(1, threads)), kLeastTaskBytes, kMostTaskBytes);
    for (size_t i = 0; i < files_.size(); ++i) cut_file(i, target);
  }

 private:
  void cut_file(size_t index, int64_t target) {
    bool open = false;
    const auto& groups = files_[index].row_groups;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (!open)
        tasks_.push_back({.input = index, .offset = static_cast<int64_t>(i), .length = 0, .estimated_bytes = 0});
      auto& task = tasks_.back();
      ++task.length;
      task.estimated_bytes += groups[i].bytes;
      open = task.estimated_bytes < target;
    }
  }

  std::vector<ParquetFile> files_;
  std::shared_ptr<arrow::Schema> schema_;
  ReadOptions options_;
  std::vector<ScanTask> tasks_;
  int64_t rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request) {
  MS_ASSIGN(const auto options, read_fields().read(request.options));
  columnar::SchemaUnion columns(request.declared);
  std::vector<ParquetFile> files;
  for (const auto& input : request.inputs) {
    MS_TRY(context.cancellation.check());
    MS_ASSIGN(auto file, read_footer(input, options));
    MS_TRY(columns.add(*file.schema, input->name()));
    files.push_back(std::move(file));
  }
  MS_ASSIGN(auto schema, columns.settle(request.columns));
  auto scan = std::make_unique<ParquetScan>(std::move(files), std::move(schema), options);
  scan->cut_into_tasks(context.threads);
  return std::unique_ptr<Scan>(std::move(scan));
}

}  // namespace mainstem::format::parquet
