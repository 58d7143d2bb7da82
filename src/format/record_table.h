#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "format/column_plan.h"

namespace mainstem::format {

struct TableRequest {
  std::vector<ColumnPlan> columns;          ///< as found out from the records
  std::shared_ptr<arrow::Schema> declared;  ///< may be null
  std::vector<std::string> wanted;          ///< empty = all
  /// What stands between the names when nested objects become columns; nothing = they stay structs.
  std::optional<std::string> separator;
  bool leave_out_lists = false;  ///< lists are no columns, unless they are declared
};

/// From the nested columns that records have to the columns that a reader gives. Immutable.
class RecordTable {
 public:
  /// Errors: not_found, for a wanted column that is not there; unsupported, for a declared type; invalid_data, if two
  /// columns would have one name.
  static Result<RecordTable> plan(TableRequest request);

  /// Columns for a RecordBuilder: those that are neither wanted nor declared are not built.
  const std::vector<ColumnPlan>& columns() const { return columns_; }
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  /// Turns a RecordBuilder's batch into one of `schema`.
  Result<std::shared_ptr<arrow::RecordBatch>> arrange(const arrow::RecordBatch& built) const;

 private:
  std::vector<ColumnPlan> columns_;
  std::optional<std::string> separator_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<int> picked_;  // columns of `schema_` in what is built, after flattening
};

}  // namespace mainstem::format
