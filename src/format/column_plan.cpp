#include "format/column_plan.h"

#include <arrow/type.h>
#include <utility>

#include "columnar/schema_union.h"
#include "format/value_append.h"

namespace mainstem::format {

std::shared_ptr<arrow::Field> ColumnPlan::field() const {
  auto field = arrow::field(name, type);
  return no_values ? columnar::mark_without_values(*field) : field;
}

Result<ColumnPlan> plan_column(std::string name, const std::shared_ptr<arrow::DataType>& type) {
  if (auto checked = check_type(*type); !checked)
    return std::move(checked).error().during("planning column '" + name + "'");
  ColumnPlan plan{.name = std::move(name), .type = type};
  for (const auto& field : type->fields()) {
    MS_ASSIGN(auto child, plan_column(field->name(), field->type()));
    plan.children.push_back(std::move(child));
  }
  return plan;
}

ColumnPlan struct_plan(std::string name, std::vector<ColumnPlan> members) {
  arrow::FieldVector fields;
  for (const auto& member : members)
    if (member.wanted) fields.push_back(member.field());
  return {.name = std::move(name), .type = arrow::struct_(fields), .children = std::move(members)};
}

ColumnPlan list_plan(std::string name, ColumnPlan item) {
  ColumnPlan plan{.name = std::move(name), .type = arrow::list(item.type)};
  plan.children.push_back(std::move(item));
  return plan;
}

}  // namespace mainstem::format
