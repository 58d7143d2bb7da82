#include "format/column_builder.h"

#include <arrow/builder.h>
#include <arrow/type.h>

#include "format/value_append.h"

namespace mainstem::format {

ColumnBuilder::ColumnBuilder(const ColumnPlan& plan, arrow::ArrayBuilder* builder)
    : plan_(plan),
      builder_(builder),
      is_struct_(plan.type->id() == arrow::Type::STRUCT),
      is_list_(plan.type->id() == arrow::Type::LIST || plan.type->id() == arrow::Type::LARGE_LIST),
      is_text_(plan.type->id() == arrow::Type::STRING || plan.type->id() == arrow::Type::LARGE_STRING) {
  children_.reserve(plan.children.size());
  int built = 0;
  for (const auto& child : plan.children) {
    arrow::ArrayBuilder* inner = nullptr;
    if (builder != nullptr && plan.type->id() == arrow::Type::LIST)
      inner = static_cast<arrow::ListBuilder*>(builder)->value_builder();
    else if (builder != nullptr && is_list_)
      inner = static_cast<arrow::LargeListBuilder*>(builder)->value_builder();
    else if (builder != nullptr && child.wanted)
      inner = builder->child(built++);
    children_.emplace_back(child, inner);
    if (is_struct_) names_.add(child.name);
  }
}

arrow::Status ColumnBuilder::append_null() { return ignored() ? arrow::Status::OK() : builder_->AppendNull(); }

arrow::Status ColumnBuilder::append_scalar(std::string_view text) {
  if (ignored()) return arrow::Status::OK();
  if (plan_.type->id() == arrow::Type::STRING) return static_cast<arrow::StringBuilder*>(builder_)->Append(text);
  if (is_struct_ || is_list_) return arrow::Status::Invalid("a single value stands here");
  return append_text(*builder_, *plan_.type, text);
}

arrow::Status ColumnBuilder::append_number(std::string_view text, const NumberText& number) {
  if (ignored()) return arrow::Status::OK();
  if (is_struct_ || is_list_) return arrow::Status::Invalid("a single value stands here");
  return format::append_number(*builder_, *plan_.type, text, number);
}

arrow::Status ColumnBuilder::begin_struct() {
  ++object_;
  expected_ = 0;
  return ignored() ? arrow::Status::OK() : static_cast<arrow::StructBuilder*>(builder_)->Append();
}

ColumnBuilder::Member ColumnBuilder::member(std::string_view name) {
  const size_t number = names_.find(name, expected_);
  return number == MemberIndex::kNone ? Member{} : fill(number);
}

arrow::Status ColumnBuilder::end_struct() {
  for (auto& child : children_) {
    if (child.filled_in_ == object_) continue;
    ARROW_RETURN_NOT_OK(child.append_null());
  }
  return arrow::Status::OK();
}

arrow::Status ColumnBuilder::begin_list() {
  if (ignored()) return arrow::Status::OK();
  if (plan_.type->id() == arrow::Type::LIST) return static_cast<arrow::ListBuilder*>(builder_)->Append();
  return static_cast<arrow::LargeListBuilder*>(builder_)->Append();
}

}  // namespace mainstem::format
