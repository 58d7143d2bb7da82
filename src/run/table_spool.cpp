#include "run/table_spool.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/api.h>
#include <filesystem>
#include <fmt/format.h>

#include "base/check.h"
#include "columnar/conform.h"
#include "columnar/status.h"
#include "observability/context.h"

namespace mainstem::run {

using columnar::from_arrow;

struct TableSpool::Writer {
  std::shared_ptr<arrow::Schema> schema;
  std::shared_ptr<arrow::io::FileOutputStream> file;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> stream;
};

class TableSpool::Reader final : public columnar::BatchReader {
 public:
  Reader(std::vector<std::string> files, std::shared_ptr<arrow::Schema> schema, int64_t rows)
      : files_(std::move(files)), schema_(std::move(schema)), left_(rows) {}

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    MS_TRY(context.cancellation.check());
    while (left_ > 0) {
      if (stream_ == nullptr) MS_TRY(open_next_file());
      std::shared_ptr<arrow::RecordBatch> rows;
      MS_TRY(from_arrow(stream_->ReadNext(&rows), "reading spooled changes"));
      if (rows == nullptr) {
        stream_.reset();
        continue;
      }
      if (rows->num_rows() > left_) rows = rows->Slice(0, left_);
      left_ -= rows->num_rows();
      columnar::Batch batch;
      MS_ASSIGN(batch.rows, columnar::conform(rows, schema_));
      return std::optional(std::move(batch));
    }
    return std::optional<columnar::Batch>();
  }

 private:
  Result<void> open_next_file() {
    CHECK(next_ < files_.size(), "kept rows are in the files");
    MS_ASSIGN(const auto file, from_arrow(arrow::io::ReadableFile::Open(files_[next_++]), "opening spooled changes"));
    MS_ASSIGN(stream_, from_arrow(arrow::ipc::RecordBatchStreamReader::Open(file), "opening spooled changes"));
    return {};
  }

  std::vector<std::string> files_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t left_;
  size_t next_ = 0;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> stream_;
};

TableSpool::TableSpool(std::string path) : path_(std::move(path)), shapes_(nullptr) {}

TableSpool::~TableSpool() {
  // A failed close must not hide the run's own error; the files are going away in any case.
  static_cast<void>(end_file());
  std::error_code ignored;
  for (const auto& file : files_) std::filesystem::remove(file, ignored);
}

Result<void> TableSpool::expect(const std::shared_ptr<arrow::Schema>& shape) {
  if (shape_ != nullptr && shape_->Equals(*shape)) return {};
  MS_TRY(shapes_.add(*shape, fmt::format("shape {}", ++shapes_seen_)));
  shape_ = shape;
  return {};
}

Result<void> TableSpool::begin_file(const std::shared_ptr<arrow::Schema>& schema) {
  MS_TRY(end_file());
  files_.push_back(fmt::format("{}-{}.arrow", path_, files_.size()));
  MS_TRY(expect(schema));
  writer_ = std::make_unique<Writer>();
  writer_->schema = schema;
  MS_ASSIGN(writer_->file, from_arrow(arrow::io::FileOutputStream::Open(files_.back()), "spooling changes"));
  MS_ASSIGN(writer_->stream, from_arrow(arrow::ipc::MakeStreamWriter(writer_->file, schema)));
  return {};
}

Result<void> TableSpool::end_file() {
  if (writer_ == nullptr) return {};
  const auto writer = std::move(writer_);
  if (writer->stream != nullptr) MS_TRY(from_arrow(writer->stream->Close(), "spooling changes"));
  if (writer->file != nullptr) MS_TRY(from_arrow(writer->file->Close(), "spooling changes"));
  return {};
}

Result<void> TableSpool::add(const std::shared_ptr<arrow::RecordBatch>& rows) {
  if (writer_ == nullptr || !writer_->schema->Equals(*rows->schema())) MS_TRY(begin_file(rows->schema()));
  MS_TRY(from_arrow(writer_->stream->WriteRecordBatch(*rows), "spooling changes"));
  rows_ += rows->num_rows();
  return {};
}

Result<std::shared_ptr<arrow::Schema>> TableSpool::schema() const {
  // One shape stays as it is; several meet in types that hold them all.
  if (shapes_seen_ == 1) return shape_;
  return shapes_.settle({});
}

Result<std::unique_ptr<columnar::BatchReader>> TableSpool::read() {
  MS_TRY(end_file());
  MS_ASSIGN(auto schema, this->schema());
  return std::unique_ptr<columnar::BatchReader>(std::make_unique<Reader>(files_, std::move(schema), kept_));
}

}  // namespace mainstem::run
