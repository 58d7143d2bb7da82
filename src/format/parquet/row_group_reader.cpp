#include "format/parquet/row_group_reader.h"

#include <algorithm>
#include <arrow/api.h>
#include <exception>
#include <fmt/format.h>

#include "columnar/conform.h"
#include "columnar/slices.h"
#include "format/parquet/text_check.h"
#include "observability/context.h"

namespace mainstem::format::parquet {
namespace {

// Sizes in a footer are those of encoded pages: a dictionary may hide rows a thousand times larger. So the first batch
// is small, and the next ones grow with what was seen.
constexpr int64_t kFirstRows = 4096;
constexpr int64_t kGrowth = 4;

}  // namespace

Result<std::unique_ptr<columnar::BatchReader>> RowGroupReader::open(Context& context, const ParquetFile& file,
                                                                    const ReadOptions& options,
                                                                    std::vector<int> row_groups,
                                                                    std::shared_ptr<arrow::Schema> schema) {
  MS_ASSIGN(auto files, open_file(*file.input, options, file.footer));
  auto reader = std::unique_ptr<RowGroupReader>(new RowGroupReader(file, std::move(files), std::move(schema)));
  int64_t bytes = 0;
  for (const int group : row_groups) {
    bytes += file.row_groups[static_cast<size_t>(group)].bytes;
    reader->rows_expected_ += file.row_groups[static_cast<size_t>(group)].rows;
  }
  for (int i = 0; i < row_groups.front(); ++i) reader->first_row_ += file.row_groups[static_cast<size_t>(i)].rows;
  const int64_t row_bytes = std::max<int64_t>(1, bytes / std::max<int64_t>(1, reader->rows_expected_));
  reader->batch_size_ =
      std::clamp<int64_t>(context.batch_bytes / row_bytes, 1, std::min(kFirstRows, context.batch_rows));
  reader->reader_->set_batch_size(reader->batch_size_);
  if (Int96Check::is_needed(*reader->reader_, *reader->schema_)) {
    MS_ASSIGN(reader->int96_, Int96Check::open(file, options, row_groups, *reader->schema_, reader->batch_size_));
  }
  try {
    auto batches = reader->reader_->GetRecordBatchReader(row_groups, leaf_indices(*reader->reader_, *reader->schema_));
    if (!batches.ok()) return read_error(batches.status(), file.input->name());
    reader->batches_ = *std::move(batches);
  } catch (const std::exception& error) {
    return read_error(arrow::Status::Invalid(error.what()), file.input->name());
  }
  return std::unique_ptr<columnar::BatchReader>(std::move(reader));
}

Result<std::optional<columnar::Batch>> RowGroupReader::next(Context& context) {
  while (ready_.empty() && rejects_.empty()) {
    MS_TRY(context.cancellation.check());
    MS_ASSIGN(auto rows, read_rows());
    if (rows == nullptr) return std::optional<columnar::Batch>();
    MS_TRY(take(context, std::move(rows)));
  }
  columnar::Batch batch;
  batch.rejects = std::exchange(rejects_, {});
  if (!ready_.empty()) {
    batch.rows = std::move(ready_.front());
    ready_.pop_front();
  }
  return std::optional(std::move(batch));
}

Result<std::shared_ptr<arrow::RecordBatch>> RowGroupReader::read_rows() {
  const auto& name = file_.input->name();
  std::shared_ptr<arrow::RecordBatch> rows;
  try {
    if (const auto status = batches_->ReadNext(&rows); !status.ok()) return read_error(status, name);
  } catch (const std::exception& error) {
    return read_error(arrow::Status::Invalid(error.what()), name);
  }
  if (rows != nullptr) {
    rows_read_ += rows->num_rows();
    return rows;
  }
  if (rows_read_ != rows_expected_)
    return read_error(arrow::Status::Invalid(fmt::format("the footer promises {} rows from row {} on, there are {}",
                                                         rows_expected_, first_row_, rows_read_)),
                      name);
  return rows;
}

Result<void> RowGroupReader::take(Context& context, std::shared_ptr<arrow::RecordBatch> rows) {
  if (rows->num_rows() == 0) return {};
  const int64_t row = first_row_ + rows_read_ - rows->num_rows();
  if (int96_ != nullptr) MS_TRY(int96_->check(*rows, row));
  auto converted = columnar::conform(rows, schema_);
  if (!converted)
    return std::move(converted).error().during(
        fmt::format("reading {}, rows {} to {}", file_.input->name(), row + 1, row + rows->num_rows()));
  MS_ASSIGN(auto checked, reject_bad_text(*std::move(converted), file_.input->name(), row));
  rejects_ = std::move(checked.rejects);
  cut(context, checked.rows);
  return {};
}

void RowGroupReader::cut(const Context& context, const std::shared_ptr<arrow::RecordBatch>& rows) {
  if (rows->num_rows() == 0) return;
  for (auto& slice : columnar::slices(rows, context.batch_bytes, context.batch_rows))
    ready_.push_back(std::move(slice));
  batch_size_ =
      std::min(ready_.front()->num_rows() == rows->num_rows() ? context.batch_rows : ready_.front()->num_rows(),
               batch_size_ * kGrowth);
  reader_->set_batch_size(batch_size_);
  if (int96_ != nullptr) int96_->set_batch_size(batch_size_);
}

}  // namespace mainstem::format::parquet
