#include "columnar/schema_union.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/type_name.h"
#include "columnar/wider_type.h"

namespace mainstem::columnar {
namespace {

constexpr std::string_view kValues = "mainstem.values";

}  // namespace

std::shared_ptr<arrow::DataType> SchemaUnion::type_of(const arrow::Field& field) const {
  const auto declared = declared_ == nullptr ? nullptr : declared_->GetFieldByName(field.name());
  return declared == nullptr ? plain_type(field.type()) : declared->type();
}

Result<void> SchemaUnion::add(const arrow::Schema& schema, const std::string& origin) {
  ++objects_;
  for (const auto& field : schema.fields()) {
    auto settled = arrow::field(field->name(), type_of(*field), field->nullable());
    const bool declared = declared_ != nullptr && declared_->GetFieldIndex(field->name()) >= 0;
    if (is_without_values(*field) && !declared) settled = mark_without_values(*settled);
    const auto [known, added] = index_.try_emplace(field->name(), columns_.size());
    if (added)
      columns_.push_back({.field = settled, .origin = origin, .objects = 1, .last = objects_});
    else
      MS_TRY(merge(columns_[known->second], *settled, origin));
  }
  return {};
}

Result<void> SchemaUnion::merge(Column& column, const arrow::Field& field, const std::string& origin) const {
  if (column.last == objects_)
    return Error(ErrorCode::invalid_data, fmt::format("{}: two columns have the name '{}'", origin, field.name()));
  auto type = wider_type(column.field->type(), field.type());
  if (type == nullptr)
    return Error(ErrorCode::invalid_data,
                 fmt::format("column '{}' is {} in {}, but {} in {}", field.name(), type_name(*column.field->type()),
                             column.origin, type_name(*field.type()), origin))
        .hint("declare the type of the column, or read the files as two sources");
  if (!type->Equals(*column.field->type())) column.origin = origin;
  const bool no_values = is_without_values(*column.field) && is_without_values(field);
  column.field = arrow::field(field.name(), std::move(type), column.field->nullable() || field.nullable());
  if (no_values) column.field = mark_without_values(*column.field);
  column.last = objects_;
  ++column.objects;
  return {};
}

Result<std::shared_ptr<arrow::Schema>> SchemaUnion::settle(const std::vector<std::string>& wanted) const {
  arrow::FieldVector fields;
  for (const auto& column : columns_)
    fields.push_back(column.objects == objects_ ? column.field : column.field->WithNullable(true));
  const auto missing = [&fields](const std::string& name) {
    return Error(ErrorCode::invalid_config, fmt::format("there is no column '{}'", name))
        .hint(fmt::format("columns: {}", fmt::join(arrow::schema(fields)->field_names(), ", ")));
  };
  if (declared_ != nullptr)
    for (const auto& name : declared_->field_names())
      if (!index_.contains(name)) return missing(name).during("applying the declared types");
  if (wanted.empty()) return arrow::schema(std::move(fields));
  arrow::FieldVector chosen;
  for (const auto& name : wanted) {
    const auto known = index_.find(name);
    if (known == index_.end()) return missing(name);
    chosen.push_back(fields[known->second]);
  }
  return arrow::schema(std::move(chosen));
}

std::shared_ptr<arrow::Field> mark_without_values(const arrow::Field& field) {
  return field.WithMetadata(arrow::key_value_metadata({std::string(kValues)}, {"none"}));
}

bool is_without_values(const arrow::Field& field) {
  return field.metadata() != nullptr && field.metadata()->Contains(kValues);
}

}  // namespace mainstem::columnar
