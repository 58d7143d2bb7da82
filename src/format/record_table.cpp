#include "format/record_table.h"

#include <algorithm>
#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <set>
#include <utility>

#include "columnar/status.h"
#include "config/option.h"

namespace mainstem::format {
namespace {

using Separator = std::optional<std::string>;

void flatten_fields(const std::string& prefix, const arrow::Field& field, const Separator& separator,
                    arrow::FieldVector& flat) {
  const auto name = prefix + field.name();
  if (!separator || field.type()->id() != arrow::Type::STRUCT) {
    flat.push_back(field.WithName(name));
    return;
  }
  for (const auto& child : field.type()->fields()) flatten_fields(name + *separator, *child, separator, flat);
}

arrow::Status flatten_arrays(const std::shared_ptr<arrow::Array>& array, bool flatten, arrow::ArrayVector& flat) {
  if (!flatten || array->type_id() != arrow::Type::STRUCT) {
    flat.push_back(array);
    return arrow::Status::OK();
  }
  ARROW_ASSIGN_OR_RAISE(const auto children, static_cast<const arrow::StructArray&>(*array).Flatten());
  for (const auto& child : children) ARROW_RETURN_NOT_OK(flatten_arrays(child, flatten, flat));
  return arrow::Status::OK();
}

// Puts a declared type over a column inside a struct that is flattened; notes the names that were found.
Result<void> declare_inside(ColumnPlan& plan, const std::string& prefix, const TableRequest& request,
                            std::set<std::string>& found) {
  const auto name = prefix + plan.name;
  if (const auto field = request.declared->GetFieldByName(name)) {
    found.insert(name);
    MS_ASSIGN(auto declared, plan_column(name, field->type()));
    declared.name = plan.name;
    plan = std::move(declared);
    return {};
  }
  if (!request.separator || plan.type->id() != arrow::Type::STRUCT) return {};
  for (auto& child : plan.children) MS_TRY(declare_inside(child, name + *request.separator, request, found));
  plan = struct_plan(plan.name, std::move(plan.children));
  return {};
}

Result<void> declare_all(TableRequest& request) {
  if (request.declared == nullptr) return {};
  std::set<std::string> found;
  for (auto& column : request.columns) MS_TRY(declare_inside(column, "", request, found));
  for (const auto& field : request.declared->fields()) {
    if (found.contains(field->name())) continue;
    MS_ASSIGN(auto plan, plan_column(field->name(), field->type()));
    request.columns.push_back(std::move(plan));
  }
  return {};
}

// Lists stay known, so that their names and what is in them are no surprise, but are not built.
void leave_out_lists(ColumnPlan& plan, const std::string& prefix, const TableRequest& request) {
  const auto name = prefix + plan.name;
  if (request.declared != nullptr && request.declared->GetFieldIndex(name) >= 0) return;
  if (plan.type->id() == arrow::Type::LIST) plan.wanted = false;
  if (plan.type->id() != arrow::Type::STRUCT || !request.separator) return;
  for (auto& child : plan.children) leave_out_lists(child, name + *request.separator, request);
  plan = struct_plan(plan.name, std::move(plan.children));
}

Result<void> check_names(const arrow::FieldVector& fields) {
  std::set<std::string> names;
  for (const auto& field : fields)
    if (!names.insert(field->name()).second)
      return Error(ErrorCode::invalid_data, "two columns have the name '" + field->name() + "'")
          .hint("choose another separator or prefix in the format's options");
  return {};
}

Error no_such_column(const std::string& name, const arrow::FieldVector& fields) {
  std::vector<std::string> names;
  for (const auto& field : fields) names.push_back(field->name());
  Error error(ErrorCode::not_found, "the records have no column '" + name + "'");
  if (const auto near = config::nearest(name, names)) return std::move(error).hint("did you mean '" + *near + "'?");
  return error;
}

}  // namespace

Result<RecordTable> RecordTable::plan(TableRequest request) {
  MS_TRY(declare_all(request));
  RecordTable table;
  table.separator_ = request.separator;
  arrow::FieldVector all;
  arrow::FieldVector built;
  for (auto& column : request.columns) {
    if (request.leave_out_lists) leave_out_lists(column, "", request);
    if (!column.wanted) continue;
    arrow::FieldVector flat;
    flatten_fields("", *column.field(), request.separator, flat);
    all.insert(all.end(), flat.begin(), flat.end());
    // A declared column is built even if nobody wants it: a misfit in it makes the record a reject.
    column.wanted =
        request.wanted.empty() || std::any_of(flat.begin(), flat.end(), [&](const auto& field) {
          const bool declared = request.declared != nullptr && request.declared->GetFieldIndex(field->name()) >= 0;
          return declared ||
                 std::find(request.wanted.begin(), request.wanted.end(), field->name()) != request.wanted.end();
        });
    if (column.wanted) built.insert(built.end(), flat.begin(), flat.end());
  }
  MS_TRY(check_names(all));
  const auto built_schema = arrow::schema(built);
  if (request.wanted.empty()) request.wanted = built_schema->field_names();
  arrow::FieldVector picked;
  for (const auto& name : request.wanted) {
    const int index = built_schema->GetFieldIndex(name);
    if (index < 0) return no_such_column(name, all);
    table.picked_.push_back(index);
    picked.push_back(built_schema->field(index));
  }
  table.schema_ = arrow::schema(std::move(picked));
  table.columns_ = std::move(request.columns);
  return table;
}

Result<std::shared_ptr<arrow::RecordBatch>> RecordTable::arrange(const arrow::RecordBatch& built) const {
  arrow::ArrayVector flat;
  for (const auto& column : built.columns())
    MS_TRY(columnar::from_arrow(flatten_arrays(column, separator_.has_value(), flat), "flattening records"));
  arrow::ArrayVector picked;
  for (const int index : picked_) picked.push_back(flat[static_cast<size_t>(index)]);
  return arrow::RecordBatch::Make(schema_, built.num_rows(), std::move(picked));
}

}  // namespace mainstem::format
