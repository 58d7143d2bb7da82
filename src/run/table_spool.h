#pragma once

#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "columnar/schema_union.h"

namespace mainstem::run {

/// Rows of one table on local disk, written once and then read once; their shape may change on the way. The files go
/// with it. One thread at a time.
class TableSpool {
 public:
  /// Files begin with `path`.
  explicit TableSpool(std::string path);
  ~TableSpool();
  TableSpool(const TableSpool&) = delete;
  TableSpool& operator=(const TableSpool&) = delete;

  /// Rows to come have this shape. Errors: invalid_data, if it does not go together with the earlier ones.
  Result<void> expect(const std::shared_ptr<arrow::Schema>& shape);
  /// Errors: as `expect`; those of writing a file.
  Result<void> add(const std::shared_ptr<arrow::RecordBatch>& rows);
  /// Everything added so far stays; what is added afterwards stays only if it is kept, too.
  void keep() { kept_ = rows_; }
  int64_t kept() const { return kept_; }

  /// The schema of what can be read: columns of all shapes.
  Result<std::shared_ptr<arrow::Schema>> schema() const;
  /// The kept rows, in their order. No row may be added any more; the reader is not to outlive this.
  Result<std::unique_ptr<columnar::BatchReader>> read();

 private:
  struct Writer;
  class Reader;
  Result<void> begin_file(const std::shared_ptr<arrow::Schema>& schema);
  Result<void> end_file();

  std::string path_;
  std::vector<std::string> files_;
  std::unique_ptr<Writer> writer_;
  columnar::SchemaUnion shapes_;
  std::shared_ptr<arrow::Schema> shape_;  // the last one
  int shapes_seen_ = 0;
  int64_t rows_ = 0;
  int64_t kept_ = 0;
};

}  // namespace mainstem::run
