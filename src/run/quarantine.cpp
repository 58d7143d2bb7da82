#include "run/quarantine.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/api.h>
#include <filesystem>
#include <fmt/format.h>

#include "columnar/status.h"
#include "io/system_error.h"
#include "observability/context.h"
#include "plan/quarantine_schema.h"

namespace mainstem::run {
namespace {

using columnar::from_arrow;

constexpr int64_t kFlushBytes = 1 << 20;

std::string in_words(const QuarantinedRow& row) {
  auto words = row.object.empty() ? row.step : row.object;
  if (row.line > 0) words += fmt::format(":{}", row.line);
  if (!row.column.empty()) words += fmt::format(", column {}", row.column);
  return fmt::format("{}: {}", words, row.reason.empty() ? row.code : row.reason);
}

class SpoolReader final : public columnar::BatchReader {
 public:
  explicit SpoolReader(std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader) : reader_(std::move(reader)) {}

  Result<std::optional<columnar::Batch>> next(Context&) override {
    columnar::Batch batch;
    MS_TRY(from_arrow(reader_->ReadNext(&batch.rows), "reading the spooled quarantine"));
    if (batch.rows == nullptr) return std::optional<columnar::Batch>();
    return std::optional(std::move(batch));
  }

 private:
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
};

}  // namespace

struct Quarantine::Spool {
  std::string path;
  std::string pipeline;
  std::string run_id;
  const Clock* clock = nullptr;
  std::shared_ptr<arrow::io::FileOutputStream> file;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer;
  std::unique_ptr<arrow::RecordBatchBuilder> builder;
  int64_t pending_bytes = 0;

  arrow::Status append(const QuarantinedRow& row) {
    const auto text = [this](int column, const std::string& value, bool nullable = true) {
      auto* field = builder->GetFieldAs<arrow::StringBuilder>(column);
      return nullable && value.empty() ? field->AppendNull() : field->Append(value);
    };
    const auto number = [this](int column, int64_t value, bool known) {
      auto* field = builder->GetFieldAs<arrow::Int64Builder>(column);
      return known ? field->Append(value) : field->AppendNull();
    };
    ARROW_RETURN_NOT_OK(text(0, run_id, false));
    ARROW_RETURN_NOT_OK(text(1, pipeline, false));
    ARROW_RETURN_NOT_OK(text(2, row.step, false));
    ARROW_RETURN_NOT_OK(text(3, row.object));
    ARROW_RETURN_NOT_OK(number(4, row.line, row.line > 0));
    ARROW_RETURN_NOT_OK(number(5, row.byte_offset, row.byte_offset >= 0));
    ARROW_RETURN_NOT_OK(text(6, row.column));
    ARROW_RETURN_NOT_OK(text(7, row.code, false));
    ARROW_RETURN_NOT_OK(text(8, row.reason));
    ARROW_RETURN_NOT_OK(text(9, row.record));
    pending_bytes += static_cast<int64_t>(row.record.size() + row.reason.size() + 200);
    return builder->GetFieldAs<arrow::TimestampBuilder>(10)->Append(clock->now().time_since_epoch().count());
  }
};

Quarantine::Quarantine(std::unique_ptr<Spool> spool) : spool_(std::move(spool)) {}

Quarantine::~Quarantine() {
  // A failed close must not hide the run's own error; the file is going away in any case.
  if (spool_->writer != nullptr) static_cast<void>(spool_->writer->Close());
  if (spool_->file != nullptr) static_cast<void>(spool_->file->Close());
  std::error_code ignored;
  std::filesystem::remove(spool_->path, ignored);
}

Result<std::unique_ptr<Quarantine>> Quarantine::open(Context& context, std::string pipeline, std::string run_id) {
  auto spool = std::make_unique<Spool>();
  spool->path = context.scratch_directory + "/quarantine-" + run_id + ".arrow";
  spool->pipeline = std::move(pipeline);
  spool->run_id = std::move(run_id);
  spool->clock = &context.clock;
  const auto schema = plan::quarantine_schema();
  MS_ASSIGN(spool->file, from_arrow(arrow::io::FileOutputStream::Open(spool->path), "opening the quarantine spool"));
  MS_ASSIGN(spool->writer, from_arrow(arrow::ipc::MakeStreamWriter(spool->file, schema)));
  MS_ASSIGN(spool->builder, from_arrow(arrow::RecordBatchBuilder::Make(schema, arrow::default_memory_pool())));
  return std::unique_ptr<Quarantine>(new Quarantine(std::move(spool)));
}

Result<void> Quarantine::add(const std::vector<QuarantinedRow>& rows) {
  if (rows.empty()) return {};
  const std::lock_guard lock(mutex_);
  for (const auto& row : rows) {
    MS_TRY(from_arrow(spool_->append(row), "spooling the quarantine"));
    if (example_.empty()) example_ = in_words(row);
    ++counts_[row.step];
    ++rows_;
    if (spool_->pending_bytes >= kFlushBytes) MS_TRY(flush());
  }
  return {};
}

Result<void> Quarantine::flush() {
  MS_ASSIGN(const auto batch, from_arrow(spool_->builder->Flush()));
  spool_->pending_bytes = 0;
  if (batch->num_rows() == 0) return {};
  return from_arrow(spool_->writer->WriteRecordBatch(*batch), "spooling the quarantine");
}

int64_t Quarantine::rows() const {
  const std::lock_guard lock(mutex_);
  return rows_;
}

int64_t Quarantine::rows_of(const std::string& step) const {
  const std::lock_guard lock(mutex_);
  const auto it = counts_.find(step);
  return it == counts_.end() ? 0 : it->second;
}

std::string Quarantine::example() const {
  const std::lock_guard lock(mutex_);
  return example_;
}

Result<void> Quarantine::close() {
  if (spool_->writer == nullptr) return {};
  MS_TRY(flush());
  MS_TRY(from_arrow(spool_->writer->Close(), "closing the quarantine spool"));
  MS_TRY(from_arrow(spool_->file->Close(), "closing the quarantine spool"));
  spool_->writer.reset();
  spool_->file.reset();
  return {};
}

Result<std::unique_ptr<columnar::BatchReader>> Quarantine::finish() {
  const std::lock_guard lock(mutex_);
  MS_TRY(close());
  return read_kept(spool_->path);
}

Result<void> Quarantine::keep(const std::string& path) {
  const std::lock_guard lock(mutex_);
  MS_TRY(close());
  std::error_code problem;
  std::filesystem::permissions(spool_->path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                               problem);
  if (!problem) std::filesystem::rename(spool_->path, path, problem);
  if (problem) return io::system_error(problem.value(), fmt::format("the quarantined rows cannot be kept in {}", path));
  return {};
}

Result<std::unique_ptr<columnar::BatchReader>> Quarantine::read_kept(const std::string& path) {
  MS_ASSIGN(auto file, from_arrow(arrow::io::ReadableFile::Open(path), "reading quarantined rows"));
  MS_ASSIGN(auto reader, from_arrow(arrow::ipc::RecordBatchStreamReader::Open(file), "reading quarantined rows"));
  return std::unique_ptr<columnar::BatchReader>(std::make_unique<SpoolReader>(std::move(reader)));
}

}  // namespace mainstem::run
