#include "format/record_builder.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <utility>

#include "columnar/status.h"

namespace mainstem::format {

Result<std::unique_ptr<RecordBuilder>> RecordBuilder::make(std::vector<ColumnPlan> columns) {
  std::unique_ptr<RecordBuilder> made(new RecordBuilder);
  arrow::FieldVector fields;
  for (const auto& column : columns)
    if (column.wanted) fields.push_back(column.field());
  made->schema_ = arrow::schema(fields);
  made->plan_ = {.name = "record", .type = arrow::struct_(fields), .children = std::move(columns)};
  MS_ASSIGN(made->builder_, columnar::from_arrow(arrow::MakeBuilder(made->plan_.type)));
  made->root_ = std::make_unique<ColumnBuilder>(made->plan_, made->builder_.get());
  return made;
}

Result<std::shared_ptr<arrow::RecordBatch>> RecordBuilder::finish() {
  const int64_t records = std::exchange(records_, 0);
  if (records == 0) return std::shared_ptr<arrow::RecordBatch>();
  MS_ASSIGN(const auto array, columnar::from_arrow(builder_->Finish(), "building a batch"));
  const auto& records_array = static_cast<const arrow::StructArray&>(*array);
  auto rows = arrow::RecordBatch::Make(schema_, records, records_array.fields());
  return discarded_.empty() ? rows : without_discarded(std::move(rows));
}

Result<std::shared_ptr<arrow::RecordBatch>> RecordBuilder::without_discarded(std::shared_ptr<arrow::RecordBatch> rows) {
  auto discarded = std::exchange(discarded_, {});
  discarded.push_back(rows->num_rows());
  arrow::RecordBatchVector kept;
  int64_t first = 0;
  for (const int64_t bad : discarded) {
    if (bad > first) kept.push_back(rows->Slice(first, bad - first));
    first = bad + 1;
  }
  if (kept.empty()) return std::shared_ptr<arrow::RecordBatch>();
  return columnar::from_arrow(arrow::ConcatenateRecordBatches(kept), "dropping rejected records");
}

}  // namespace mainstem::format
