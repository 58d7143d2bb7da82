#include "app/inspect/cells.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "base/json.h"
#include "columnar/status.h"

namespace mainstem::app::inspect {
namespace {

using columnar::from_arrow;

Result<std::string> nested_text(const arrow::Scalar& value);

Result<std::string> list_text(const arrow::Array& items) {
  std::vector<std::string> texts;
  for (int64_t i = 0; i < items.length(); ++i) {
    MS_ASSIGN(const auto item, from_arrow(items.GetScalar(i)));
    MS_ASSIGN(texts.emplace_back(), nested_text(*item));
  }
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

Result<std::string> map_text(const arrow::Array& entries) {
  std::vector<std::string> texts;
  for (int64_t i = 0; i < entries.length(); ++i) {
    MS_ASSIGN(const auto entry, from_arrow(entries.GetScalar(i)));
    const auto& pair = static_cast<const arrow::StructScalar&>(*entry).value;
    MS_ASSIGN(const auto key, nested_text(*pair.at(0)));
    MS_ASSIGN(const auto item, nested_text(*pair.at(1)));
    texts.push_back(fmt::format("{}: {}", key, item));
  }
  std::ranges::sort(texts);
  return fmt::format("{{{}}}", fmt::join(texts, ", "));
}

Result<std::string> struct_text(const arrow::StructScalar& value) {
  std::vector<std::string> texts;
  for (int i = 0; i < value.type->num_fields(); ++i) {
    MS_ASSIGN(const auto field, nested_text(*value.value.at(static_cast<size_t>(i))));
    texts.push_back(fmt::format("{}: {}", value.type->field(i)->name(), field));
  }
  return fmt::format("{{{}}}", fmt::join(texts, ", "));
}

// "10:00:00.500000Z" as "10:00:00.5Z".
std::string without_trailing_zeros(std::string text) {
  const auto point = text.find('.');
  if (point == std::string::npos) return text;
  const auto end = std::min(text.find_first_not_of("0123456789", point + 1), text.size());
  auto last = end;
  while (text[last - 1] == '0') --last;
  if (last == point + 1) last = point;
  return text.erase(last, end - last);
}

Result<std::string> value_text(const arrow::Scalar& value) {
  switch (value.type->id()) {
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST: return list_text(*static_cast<const arrow::BaseListScalar&>(value).value);
    case arrow::Type::MAP: return map_text(*static_cast<const arrow::BaseListScalar&>(value).value);
    case arrow::Type::STRUCT: return struct_text(static_cast<const arrow::StructScalar&>(value));
    case arrow::Type::EXTENSION: return value_text(*static_cast<const arrow::ExtensionScalar&>(value).value);
    case arrow::Type::DICTIONARY: {
      MS_ASSIGN(const auto word, from_arrow(static_cast<const arrow::DictionaryScalar&>(value).GetEncodedValue()));
      return value_text(*word);
    }
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP: return without_trailing_zeros(value.ToString());
    default: break;
  }
  auto text = value.ToString();
  // Both zeros of a floating-point number are one value.
  if (arrow::is_floating(value.type->id()) && text == "-0") return "0";
  return text;
}

Result<std::string> nested_text(const arrow::Scalar& value) {
  if (!value.is_valid) return "null";
  MS_ASSIGN(auto text, value_text(value));
  return arrow::is_base_binary_like(value.type->id()) ? json_quote(text) : text;
}

}  // namespace

Result<std::vector<CellRow>> cells_of(const arrow::Table& table) {
  std::vector<CellRow> rows(static_cast<size_t>(table.num_rows()));
  for (const auto& column : table.columns()) {
    for (size_t row = 0; row < rows.size(); ++row) {
      MS_ASSIGN(const auto value, from_arrow(column->GetScalar(static_cast<int64_t>(row))));
      auto& cell = rows[row].emplace_back();
      if (!value->is_valid) continue;
      MS_ASSIGN(cell, value_text(*value));
    }
  }
  return rows;
}

std::shared_ptr<arrow::DataType> value_type(const std::shared_ptr<arrow::DataType>& type) {
  if (type->id() == arrow::Type::DICTIONARY) return static_cast<const arrow::DictionaryType&>(*type).value_type();
  if (type->id() == arrow::Type::EXTENSION) return static_cast<const arrow::ExtensionType&>(*type).storage_type();
  return type;
}

}  // namespace mainstem::app::inspect
