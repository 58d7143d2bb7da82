#include "columnar/type_name.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

namespace mainstem::columnar {
namespace {

std::string plain_name(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL: return "boolean";
    case arrow::Type::INT8: return "tinyint";
    case arrow::Type::INT16: return "smallint";
    case arrow::Type::INT32: return "integer";
    case arrow::Type::INT64: return "bigint";
    case arrow::Type::UINT8: return "utinyint";
    case arrow::Type::UINT16: return "usmallint";
    case arrow::Type::UINT32: return "uinteger";
    case arrow::Type::UINT64: return "ubigint";
    case arrow::Type::FLOAT: return "real";
    case arrow::Type::DOUBLE: return "double";
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW: return "text";
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
    case arrow::Type::FIXED_SIZE_BINARY: return "blob";
    case arrow::Type::DATE32:
    case arrow::Type::DATE64: return "date";
    case arrow::Type::INTERVAL_MONTHS:
    case arrow::Type::INTERVAL_DAY_TIME:
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: return "interval";
    default: return type.ToString();
  }
}

// Microseconds are what the bare name stands for.
std::string with_unit(std::string_view name, arrow::TimeUnit::type unit) {
  if (unit == arrow::TimeUnit::MICRO) return std::string(name);
  return fmt::format("{}({})", name, static_cast<int>(unit) * 3);
}

std::string field_name(const std::string& name) {
  const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (plain) return name;
  std::string quoted = "\"";
  for (char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string struct_name(const arrow::DataType& type) {
  std::string fields;
  for (const auto& field : type.fields())
    fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", field_name(field->name()), type_name(*field->type()));
  return "struct(" + fields + ")";
}

std::string extension_name(const arrow::ExtensionType& type) {
  const auto name = type.extension_name();
  if (name == "arrow.uuid" || name == "arrow.json") return name.substr(name.find('.') + 1);
  return type_name(*type.storage_type());
}

}  // namespace

std::string type_name(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::TIME32:
    case arrow::Type::TIME64: return with_unit("time", static_cast<const arrow::TimeType&>(type).unit());
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      return with_unit(timestamp.timezone().empty() ? "timestamp" : "timestamptz", timestamp.unit());
    }
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::LIST_VIEW:
    case arrow::Type::LARGE_LIST_VIEW:
    case arrow::Type::FIXED_SIZE_LIST: return type_name(*type.field(0)->type()) + "[]";
    case arrow::Type::STRUCT: return struct_name(type);
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      return fmt::format("map({}, {})", type_name(*map.key_type()), type_name(*map.item_type()));
    }
    case arrow::Type::DICTIONARY: return type_name(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::EXTENSION: return extension_name(static_cast<const arrow::ExtensionType&>(type));
    default: break;
  }
  if (!arrow::is_decimal(type.id())) return plain_name(type);
  const auto& decimal = static_cast<const arrow::DecimalType&>(type);
  return fmt::format("decimal({},{})", decimal.precision(), decimal.scale());
}

}  // namespace mainstem::columnar
