#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "columnar/batch.h"
#include "format/parquet/int96_check.h"
#include "format/parquet/parquet_file.h"

namespace mainstem::format::parquet {

/// Reads consecutive row groups of one file as batches of one schema, bounded in bytes. Rows whose text is not UTF-8
/// become rejects.
class RowGroupReader final : public columnar::BatchReader {
 public:
  /// `file` outlives the reader.
  static Result<std::unique_ptr<columnar::BatchReader>> open(Context& context, const ParquetFile& file,
                                                             const ReadOptions& options, std::vector<int> row_groups,
                                                             std::shared_ptr<arrow::Schema> schema);

  Result<std::optional<columnar::Batch>> next(Context& context) override;

 private:
  RowGroupReader(const ParquetFile& file, FileReaderPointer reader, std::shared_ptr<arrow::Schema> schema)
      : file_(file), reader_(std::move(reader)), schema_(std::move(schema)) {}

  Result<std::shared_ptr<arrow::RecordBatch>> read_rows();
  Result<void> take(Context& context, std::shared_ptr<arrow::RecordBatch> rows);
  void cut(const Context& context, const std::shared_ptr<arrow::RecordBatch>& rows);

  const ParquetFile& file_;
  FileReaderPointer reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  // refers to reader_
  std::unique_ptr<Int96Check> int96_;                  // null if there is nothing to check
  std::shared_ptr<arrow::Schema> schema_;
  int64_t first_row_ = 0;  // in the file
  int64_t rows_read_ = 0;
  int64_t rows_expected_ = 0;
  int64_t batch_size_ = 1;  // rows asked for at a time
  std::vector<columnar::Reject> rejects_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> ready_;
};

}  // namespace mainstem::format::parquet
