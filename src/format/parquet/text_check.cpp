#include "format/parquet/text_check.h"

#include <arrow/api.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include "base/json.h"
#include "columnar/status.h"

namespace mainstem::format::parquet {
namespace {

bool is_valid_text(const arrow::Array& array) {
  if (array.type_id() == arrow::Type::STRING) return static_cast<const arrow::StringArray&>(array).ValidateUTF8().ok();
  return static_cast<const arrow::LargeStringArray&>(array).ValidateUTF8().ok();
}

std::string_view text_at(const arrow::Array& array, int64_t row) {
  if (array.type_id() == arrow::Type::STRING) return static_cast<const arrow::StringArray&>(array).GetView(row);
  return static_cast<const arrow::LargeStringArray&>(array).GetView(row);
}

bool is_text(const arrow::Array& array) {
  return array.type_id() == arrow::Type::STRING || array.type_id() == arrow::Type::LARGE_STRING;
}

bool holds_bad_text(const arrow::ArrayData& data) {
  for (const auto& child : data.child_data) {
    const auto array = arrow::MakeArray(child);
    if (is_text(*array) ? !is_valid_text(*array) : holds_bad_text(*child)) return true;
  }
  return false;
}

std::string shown(const arrow::RecordBatch& rows, int64_t row) {
  JsonWriter json;
  json.begin_object();
  for (int i = 0; i < rows.num_columns(); ++i) {
    json.key(rows.column_name(i));
    if (rows.column(i)->IsNull(row)) {
      json.null();
    } else if (is_text(*rows.column(i))) {
      json.value(text_at(*rows.column(i), row));
    } else {
      const auto scalar = rows.column(i)->GetScalar(row);
      json.value(scalar.ok() ? (*scalar)->ToString() : "?");
    }
  }
  auto text = json.end_object().take();
  text.resize(std::min(text.size(), columnar::Reject::kMaxRawBytes));
  return text;
}

}  // namespace

Result<columnar::Batch> reject_bad_text(std::shared_ptr<arrow::RecordBatch> rows, const std::string& object,
                                        int64_t first_row) {
  arrow::util::InitializeUTF8();
  std::vector<int> bad_column(static_cast<size_t>(rows->num_rows()), -1);
  bool any = false;
  for (int i = 0; i < rows->num_columns(); ++i) {
    const auto& column = rows->column(i);
    if (!is_text(*column)) {
      if (holds_bad_text(*column->data()))
        return Error(ErrorCode::invalid_data,
                     fmt::format("{}: column {} holds text that is not UTF-8 inside its values, between rows {} and {}",
                                 object, rows->column_name(i), first_row + 1, first_row + rows->num_rows()))
            .hint("declare the text inside as binary, or leave the column out");
      continue;
    }
    if (is_valid_text(*column)) continue;
    any = true;
    for (int64_t row = 0; row < rows->num_rows(); ++row)
      if (column->IsValid(row) && !arrow::util::ValidateUTF8(text_at(*column, row)))
        bad_column[static_cast<size_t>(row)] = i;
  }
  if (!any) return columnar::Batch{.rows = std::move(rows), .rejects = {}, .position = {}};
  columnar::Batch batch;
  arrow::RecordBatchVector kept;
  int64_t from = 0;
  for (int64_t row = 0; row <= rows->num_rows(); ++row) {
    const bool end = row == rows->num_rows();
    if (!end && bad_column[static_cast<size_t>(row)] < 0) continue;
    if (row > from) kept.push_back(rows->Slice(from, row - from));
    from = row + 1;
    if (end) break;
    const auto& name = rows->column_name(bad_column[static_cast<size_t>(row)]);
    batch.rejects.push_back({.object = object,
                             .column = name,
                             .code = "invalid_utf8",
                             .reason = fmt::format("row {}: column {} is not UTF-8", first_row + row + 1, name),
                             .raw = shown(*rows, row)});
  }
  if (kept.empty()) kept.push_back(rows->Slice(0, 0));
  MS_ASSIGN(batch.rows, columnar::from_arrow(arrow::ConcatenateRecordBatches(kept)));
  return batch;
}

}  // namespace mainstem::format::parquet
