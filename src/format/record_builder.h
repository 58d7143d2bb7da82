#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "format/column_builder.h"

namespace mainstem::format {

/// Gathers records to batches. A record is one struct value of `root`; after it the caller says by `keep` or `discard`
/// whether it was sound. One thread.
class RecordBuilder {
 public:
  /// `columns` is all that a record may have; those that are not wanted are known, but not built.
  static Result<std::unique_ptr<RecordBuilder>> make(std::vector<ColumnPlan> columns);

  ColumnBuilder& root() { return *root_; }
  void keep() { ++records_; }
  void discard() { discarded_.push_back(records_++); }

  /// Records kept or discarded since the last `finish`.
  int64_t records() const { return records_; }
  /// The records kept, in the order of the wanted columns; null if there are none.
  Result<std::shared_ptr<arrow::RecordBatch>> finish();

 private:
  RecordBuilder() = default;
  Result<std::shared_ptr<arrow::RecordBatch>> without_discarded(std::shared_ptr<arrow::RecordBatch> rows);

  ColumnPlan plan_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
  std::unique_ptr<ColumnBuilder> root_;
  int64_t records_ = 0;
  std::vector<int64_t> discarded_;
};

}  // namespace mainstem::format
