#include "connectors/duckdb/pull_reader.h"

#include <arrow/api.h>

#include "columnar/conform.h"
#include "observability/context.h"

namespace mainstem::connectors::duckdb {

Result<std::optional<columnar::Batch>> PullReader::next(Context& context) {
  MS_TRY(context.cancellation.check());
  MS_ASSIGN(const auto rows, pull_());
  if (rows == nullptr) return std::optional<columnar::Batch>();
  columnar::Batch batch;
  // By place: a query that casts columns loses their names.
  arrow::ArrayVector columns;
  for (int i = 0; i < schema_->num_fields(); ++i) {
    const auto& field = schema_->field(i);
    auto column = columnar::convert_without_loss(rows->column(i), field->type());
    if (!column) return std::move(column).error().during("converting column " + field->name());
    columns.push_back(*std::move(column));
  }
  batch.rows = arrow::RecordBatch::Make(schema_, rows->num_rows(), std::move(columns));
  return std::optional(std::move(batch));
}

}  // namespace mainstem::connectors::duckdb
