#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "connectors/sqlite/column_decoder.h"
#include "sqlite/statement.h"

namespace mainstem::connectors::sqlite {

/// Gives the rows of a running SELECT as batches. Result column 0 is the row id or, where there is none, NULL; the
/// schema's columns follow. Rows with values that do not fit become rejects.
class TableReader final : public columnar::BatchReader {
 public:
  /// `statement` has its parameters bound; `object` names the table in rejects. The statement's database outlives the
  /// reader. Errors: unsupported.
  static Result<std::unique_ptr<TableReader>> make(mainstem::sqlite::Statement statement,
                                                   std::shared_ptr<arrow::Schema> schema, std::string object);

  Result<std::optional<columnar::Batch>> next(Context& context) override;

 private:
  TableReader(mainstem::sqlite::Statement statement, std::shared_ptr<arrow::Schema> schema, std::string object)
      : statement_(std::move(statement)), schema_(std::move(schema)), object_(std::move(object)) {}

  /// Appends the current row to all columns; its bytes.
  int64_t append_row(std::vector<columnar::Reject>& rejects);
  columnar::Reject reject(size_t column) const;
  Result<std::shared_ptr<arrow::RecordBatch>> finish(int64_t rows);

  mainstem::sqlite::Statement statement_;
  std::shared_ptr<arrow::Schema> schema_;
  std::string object_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<ColumnDecoder>> decoders_;
  std::vector<bool> bad_;  ///< rows of the batch that hold a misfit
  int64_t position_ = 0;   ///< rows read
  bool ended_ = false;
};

}  // namespace mainstem::connectors::sqlite
