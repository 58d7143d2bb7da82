#include "app/inspect/test_values.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <cctype>
#include <fmt/format.h>

#include "columnar/status.h"
#include "columnar/type_name.h"
#include "pipeline/error_list.h"

namespace mainstem::app::inspect {
namespace {

using columnar::from_arrow;
using config::Node;
using TypePointer = std::shared_ptr<arrow::DataType>;

// Digits of a plain number before and behind its point; nothing if it is none, or has a leading zero.
struct Digits {
  int whole = 0;
  int places = 0;
};
std::optional<Digits> number_digits(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto places = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const auto all_digits = [](std::string_view part) {
    return std::ranges::all_of(part, [](unsigned char c) { return std::isdigit(c); });
  };
  const bool leading_zero = whole.size() > 1 && whole[0] == '0';
  if (whole.empty() || leading_zero || !all_digits(whole) || !all_digits(places)) return std::nullopt;
  if (point != std::string_view::npos && places.empty()) return std::nullopt;
  return Digits{.whole = static_cast<int>(whole.size()), .places = static_cast<int>(places.size())};
}

// A number without zeros at the end of its places, which say nothing about its value.
std::string shortest_number(const std::string& text) {
  const auto digits = number_digits(text);
  if (!digits || digits->places == 0) return text;
  auto end = text.find_last_not_of('0');
  if (text[end] == '.') --end;
  return text.substr(0, end + 1);
}

arrow::Result<std::shared_ptr<arrow::Scalar>> parse(const std::string& text, const TypePointer& type) {
  if (arrow::is_integer(type->id()) || arrow::is_decimal(type->id())) {
    ARROW_ASSIGN_OR_RAISE(const auto number, arrow::compute::Cast(arrow::StringScalar(shortest_number(text)), type));
    return number.scalar();
  }
  if (arrow::is_time(type->id())) return arrow::Scalar::Parse(type, text);
  auto value = arrow::compute::Cast(arrow::StringScalar(text), type);
  const bool instant =
      type->id() == arrow::Type::TIMESTAMP && !static_cast<const arrow::TimestampType&>(*type).timezone().empty();
  if (instant && !value.ok()) value = arrow::compute::Cast(arrow::StringScalar(text + "Z"), type);
  ARROW_RETURN_NOT_OK(value.status());
  return value->scalar();
}

TypePointer guess_scalar_type(const std::vector<std::string>& texts) {
  Digits most;
  const bool numbers = std::ranges::all_of(texts, [&](const auto& text) {
    const auto digits = number_digits(text);
    if (digits) most = {std::max(most.whole, digits->whole), std::max(most.places, digits->places)};
    return digits.has_value();
  });
  if (numbers && most.places == 0 && most.whole <= 18) return arrow::int64();
  if (numbers && most.whole + most.places <= 38) return arrow::decimal128(most.whole + most.places, most.places);
  for (const auto& type : {arrow::boolean(), arrow::date32(), arrow::timestamp(arrow::TimeUnit::MICRO),
                           arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), arrow::float64()})
    if (std::ranges::all_of(texts, [&](const auto& text) { return parse(text, type).ok(); })) return type;
  return arrow::utf8();
}

TypePointer guess_list_type(const WrittenValues& lists) {
  WrittenValues items;
  for (const auto* list : lists)
    for (const auto& item : list->items()) items.push_back(&item);
  return arrow::list(guess_type(items));
}

TypePointer guess_struct_type(const WrittenValues& maps) {
  std::vector<std::string> names;
  for (const auto* map : maps)
    for (const auto& [name, value] : map->entries())
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  arrow::FieldVector fields;
  for (const auto& name : names) {
    WrittenValues values;
    for (const auto* map : maps) values.push_back(map->find(name));
    fields.push_back(arrow::field(name, guess_type(values)));
  }
  return arrow::struct_(fields);
}

// Appends the values of one column, whatever their depth.
class ColumnWriter {
 public:
  explicit ColumnWriter(const std::string& column) : column_(column) {}

  Result<void> append(const Node* value, arrow::ArrayBuilder& builder) const {
    if (value == nullptr || value->is_null()) return from_arrow(builder.AppendNull());
    switch (builder.type()->id()) {
      case arrow::Type::LIST: return append_list(*value, static_cast<arrow::ListBuilder&>(builder));
      case arrow::Type::LARGE_LIST: return append_list(*value, static_cast<arrow::LargeListBuilder&>(builder));
      case arrow::Type::FIXED_SIZE_LIST:
        return append_array(*value, static_cast<arrow::FixedSizeListBuilder&>(builder));
      case arrow::Type::STRUCT: return append_struct(*value, static_cast<arrow::StructBuilder&>(builder));
      case arrow::Type::MAP: return append_map(*value, static_cast<arrow::MapBuilder&>(builder));
      default: return append_scalar(*value, builder);
    }
  }

 private:
  Error is_not(const Node& value, const arrow::DataType& type) const {
    const auto written = value.is_scalar() ? fmt::format("'{}'", value.text()) : std::string(value.kind_name());
    return Error(ErrorCode::invalid_config,
                 fmt::format("column '{}': {} is not {}", column_, written, columnar::type_name(type)))
        .at(value.position());
  }

  template <class Builder>
  Result<void> append_list(const Node& value, Builder& builder) const {
    if (!value.is_list()) return is_not(value, *builder.type());
    MS_TRY(from_arrow(builder.Append()));
    for (const auto& item : value.items()) MS_TRY(append(&item, *builder.value_builder()));
    return {};
  }

  Result<void> append_array(const Node& value, arrow::FixedSizeListBuilder& builder) const {
    const auto& type = static_cast<const arrow::FixedSizeListType&>(*builder.type());
    if (!value.is_list() || std::ssize(value.items()) != type.list_size()) return is_not(value, type);
    MS_TRY(from_arrow(builder.Append()));
    for (const auto& item : value.items()) MS_TRY(append(&item, *builder.value_builder()));
    return {};
  }

  Result<void> append_struct(const Node& value, arrow::StructBuilder& builder) const {
    const auto type = builder.type();
    if (!value.is_map()) return is_not(value, *type);
    std::vector<std::string> names;
    for (const auto& field : type->fields()) names.push_back(field->name());
    for (const auto& [name, item] : value.entries())
      if (std::ranges::find(names, name) == names.end())
        return Error(ErrorCode::invalid_config, fmt::format("column '{}' has no field '{}'", column_, name))
            .at(value.key_position(name))
            .hint(pipeline::suggestion(name, names));
    MS_TRY(from_arrow(builder.Append()));
    for (int i = 0; i < type->num_fields(); ++i)
      MS_TRY(append(value.find(type->field(i)->name()), *builder.field_builder(i)));
    return {};
  }

  Result<void> append_map(const Node& value, arrow::MapBuilder& builder) const {
    if (!value.is_map()) return is_not(value, *builder.type());
    MS_TRY(from_arrow(builder.Append()));
    for (const auto& [name, item] : value.entries()) {
      const auto key = Node::scalar(name, value.key_position(name));
      MS_TRY(append(&key, *builder.key_builder()));
      MS_TRY(append(&item, *builder.item_builder()));
    }
    return {};
  }

  Result<void> append_scalar(const Node& value, arrow::ArrayBuilder& builder) const {
    if (!value.is_scalar()) return is_not(value, *builder.type());
    const auto scalar = parse(value.text(), builder.type());
    if (!scalar.ok()) return is_not(value, *builder.type());
    return from_arrow(builder.AppendScalar(**scalar));
  }

  const std::string& column_;
};

}  // namespace

TypePointer guess_type(const WrittenValues& values) {
  WrittenValues there;
  std::ranges::copy_if(values, std::back_inserter(there),
                       [](const Node* value) { return value != nullptr && !value->is_null(); });
  if (there.empty()) return arrow::utf8();
  const auto all = [&there](auto is) { return std::ranges::all_of(there, is); };
  if (all([](const Node* value) { return value->is_list(); })) return guess_list_type(there);
  const bool fields = std::ranges::any_of(there, [](const Node* value) { return !value->entries().empty(); });
  if (fields && all([](const Node* value) { return value->is_map(); })) return guess_struct_type(there);
  if (!all([](const Node* value) { return value->is_scalar() && !value->quoted(); })) return arrow::utf8();
  std::vector<std::string> texts;
  for (const auto* value : there) texts.push_back(value->text());
  return guess_scalar_type(texts);
}

Result<std::shared_ptr<arrow::Array>> to_array(const std::string& column, const WrittenValues& values,
                                               const TypePointer& type) {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  MS_TRY(from_arrow(arrow::MakeBuilder(arrow::default_memory_pool(), type, &builder), "reading column " + column));
  const ColumnWriter writer(column);
  for (const auto* value : values) MS_TRY(writer.append(value, *builder));
  return from_arrow(builder->Finish());
}

}  // namespace mainstem::app::inspect
