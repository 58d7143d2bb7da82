#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <vector>

#include "format/parquet/parquet_file.h"

namespace mainstem::format::parquet {

/// INT96 timestamps count nanoseconds since a Julian day, more than 64 bits hold, and Arrow cuts them to the unit asked
/// for without a word. This reads their columns a second time in the other unit, batch by batch beside the reader: both
/// together tell what was cut. One thread.
class Int96Check {
 public:
  /// Whether a column of `schema` holds INT96.
  static bool is_needed(const ::parquet::arrow::FileReader& reader, const arrow::Schema& schema);
  /// `file` outlives the check.
  static Result<std::unique_ptr<Int96Check>> open(const ParquetFile& file, const ReadOptions& options,
                                                  const std::vector<int>& row_groups, const arrow::Schema& schema,
                                                  int64_t batch_size);

  void set_batch_size(int64_t rows) { reader_->set_batch_size(rows); }
  /// `rows` is the next batch of the reader, `first_row` counts from 0 in the file. Errors: invalid_data, for a value
  /// that the unit of the option does not hold.
  Result<void> check(const arrow::RecordBatch& rows, int64_t first_row);

 private:
  Int96Check(const ParquetFile& file, Int96 unit, FileReaderPointer reader)
      : file_(file), unit_(unit), reader_(std::move(reader)) {}

  const ParquetFile& file_;
  Int96 unit_;
  FileReaderPointer reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  // refers to reader_
};

}  // namespace mainstem::format::parquet
