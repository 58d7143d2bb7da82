#include "app/inspect/test_rows.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/compute/initialize.h>
#include <cctype>
#include <fmt/format.h>

#include "columnar/status.h"
#include "columnar/type_name.h"

namespace mainstem::app::inspect {
namespace {

using columnar::from_arrow;
using config::Node;
using pipeline::TestTable;

std::vector<std::string> column_names(const TestTable& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  for (const auto& row : table.rows)
    for (const auto& [key, value] : row.entries())
      if (std::ranges::find(names, key) == names.end()) names.push_back(key);
  return names;
}

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

bool fits(const std::string& text, const std::shared_ptr<arrow::DataType>& type) {
  return arrow::Scalar::Parse(type, text).ok();
}

std::shared_ptr<arrow::DataType> guess_type(const std::vector<const Node*>& values) {
  std::vector<std::string> texts;
  for (const auto* value : values) {
    if (value == nullptr || value->is_null()) continue;
    if (value->quoted()) return arrow::utf8();
    texts.push_back(value->text());
  }
  if (texts.empty()) return arrow::utf8();
  Digits most;
  const bool numbers = std::ranges::all_of(texts, [&](const auto& text) {
    const auto digits = number_digits(text);
    if (digits) most = {std::max(most.whole, digits->whole), std::max(most.places, digits->places)};
    return digits.has_value();
  });
  if (numbers && most.places == 0 && most.whole <= 18) return arrow::int64();
  if (numbers && most.whole + most.places <= 38) return arrow::decimal128(most.whole + most.places, most.places);
  for (const auto& type :
       {arrow::boolean(), arrow::date32(), arrow::timestamp(arrow::TimeUnit::MICRO), arrow::float64()})
    if (std::ranges::all_of(texts, [&](const auto& text) { return fits(text, type); })) return type;
  return arrow::utf8();
}

Result<std::shared_ptr<arrow::ChunkedArray>> to_column(const std::string& name, const std::vector<const Node*>& values,
                                                       const std::shared_ptr<arrow::DataType>& type) {
  arrow::StringBuilder builder;
  for (const auto* value : values) {
    const bool is_null = value == nullptr || value->is_null();
    const bool simple = arrow::is_base_binary_like(type->id()) || arrow::is_nested(type->id());
    if (!is_null && !simple && !arrow::compute::Cast(arrow::StringScalar(value->text()), type).ok())
      return Error(ErrorCode::invalid_config,
                   fmt::format("column '{}': '{}' is not {}", name, value->text(), columnar::type_name(*type)))
          .at(value->position());
    MS_TRY(from_arrow(is_null ? builder.AppendNull() : builder.Append(value->text())));
  }
  MS_ASSIGN(const auto texts, from_arrow(builder.Finish()));
  MS_ASSIGN(const auto cast, from_arrow(arrow::compute::Cast(texts, type), "reading column " + name));
  return std::make_shared<arrow::ChunkedArray>(cast.make_array());
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> to_table(const TestTable& table) {
  MS_TRY(from_arrow(arrow::compute::Initialize()));
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  for (const auto& name : column_names(table)) {
    std::vector<const Node*> values;
    for (const auto& row : table.rows) values.push_back(row.find(name));
    const auto declared = std::ranges::find(table.columns, name, &pipeline::ContractColumn::name);
    auto type = guess_type(values);
    if (declared != table.columns.end() && !declared->type.empty()) {
      MS_ASSIGN(type, columnar::parse_type(declared->type));
    }
    MS_ASSIGN(auto column, to_column(name, values, type));
    fields.push_back(arrow::field(name, type));
    columns.push_back(std::move(column));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(columns),
                            static_cast<int64_t>(table.rows.size()));
}

}  // namespace mainstem::app::inspect
