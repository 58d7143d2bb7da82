// How types are written. SQLite has five storage classes and no types; what a column declares only decides how values
// are converted when stored ("affinity"). Two conversions lose digits and are kept away from: texts that look like
// numbers in a column of numeric affinity become doubles, so decimals of more than 15 digits and 64-bit unsigned
// numbers are declared with a name that contains TEXT.

#include "connectors/sqlite/types.h"

#include <algorithm>
#include <array>
#include <arrow/api.h>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace mainstem::connectors::sqlite {
namespace {

using TypePointer = std::shared_ptr<arrow::DataType>;

constexpr int kExactDigits = 15;  // decimal digits that survive in a double

// "DECIMAL(10, 2)" in its parts.
struct Declared {
  std::string name;
  std::optional<int> first;
  std::optional<int> second;
};

std::string trimmed_upper(std::string_view text) {
  std::string upper;
  for (const char c : text) {
    if (c == ' ' && (upper.empty() || upper.back() == ' ')) continue;
    upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  while (!upper.empty() && upper.back() == ' ') upper.pop_back();
  return upper;
}

std::optional<int> take_number(std::string_view& text) {
  while (text.starts_with(' ') || text.starts_with(',')) text.remove_prefix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

Declared parse(std::string_view text) {
  const auto upper = trimmed_upper(text);
  const auto open = upper.find('(');
  Declared declared{.name = trimmed_upper(upper.substr(0, open)), .first = {}, .second = {}};
  if (open == std::string::npos) return declared;
  auto rest = std::string_view(upper).substr(open + 1);
  declared.first = take_number(rest);
  if (declared.first) declared.second = take_number(rest);
  return declared;
}

arrow::TimeUnit::type unit_of(std::optional<int> digits) {
  if (!digits) return arrow::TimeUnit::MICRO;
  if (*digits <= 0) return arrow::TimeUnit::SECOND;
  if (*digits <= 3) return arrow::TimeUnit::MILLI;
  return *digits <= 6 ? arrow::TimeUnit::MICRO : arrow::TimeUnit::NANO;
}

TypePointer time_of(arrow::TimeUnit::type unit) {
  return unit == arrow::TimeUnit::SECOND || unit == arrow::TimeUnit::MILLI ? arrow::time32(unit) : arrow::time64(unit);
}

TypePointer decimal_of(const Declared& declared) {
  const int precision = declared.first.value_or(0);
  const int scale = declared.second.value_or(0);
  if (precision < 1 || precision > 76 || scale < 0 || scale > precision) return nullptr;
  return precision <= 38 ? arrow::decimal128(precision, scale) : arrow::decimal256(precision, scale);
}

TypePointer plain_type(std::string_view name) {
  static const std::array<std::pair<std::string_view, TypePointer>, 12> types{{{"BOOLEAN", arrow::boolean()},
                                                                               {"BOOL", arrow::boolean()},
                                                                               {"SINT8", arrow::int8()},
                                                                               {"INT16", arrow::int16()},
                                                                               {"INT32", arrow::int32()},
                                                                               {"UINT8", arrow::uint8()},
                                                                               {"UINT16", arrow::uint16()},
                                                                               {"UINT32", arrow::uint32()},
                                                                               {"UNSIGNED64_TEXT", arrow::uint64()},
                                                                               {"FLOAT32", arrow::float32()},
                                                                               {"DATE", arrow::date32()},
                                                                               {"LARGE_TEXT", arrow::large_utf8()}}};
  for (const auto& [known, type] : types)
    if (known == name) return type;
  return nullptr;
}

// Types whose digits or width stand in parentheses.
TypePointer sized_type(const Declared& declared) {
  const auto& name = declared.name;
  if (name == "DECIMAL" || name == "NUMERIC" || name == "DECIMAL_TEXT") return decimal_of(declared);
  if (name == "TIMESTAMP" || name == "DATETIME") return arrow::timestamp(unit_of(declared.first));
  if (name == "TIMESTAMPTZ" || name == "TIMESTAMP WITH TIME ZONE")
    return arrow::timestamp(unit_of(declared.first), "UTC");
  if (name == "TIME") return time_of(unit_of(declared.first));
  if (name == "DURATION") return arrow::duration(unit_of(declared.first));
  if (name == "FIXED_BLOB" && declared.first.value_or(0) > 0) return arrow::fixed_size_binary(*declared.first);
  return nullptr;
}

std::string digits_of(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return "(0)";
    case arrow::TimeUnit::MILLI: return "(3)";
    case arrow::TimeUnit::MICRO: return "";
    case arrow::TimeUnit::NANO: return "(9)";
  }
  return "";
}

Result<std::string> declared_decimal(const arrow::DecimalType& type) {
  if (type.scale() < 0 || type.scale() > type.precision())
    return Error(ErrorCode::unsupported, "SQLite targets cannot hold columns of type " + type.ToString());
  return fmt::format("{}({},{})", type.precision() <= kExactDigits ? "DECIMAL" : "DECIMAL_TEXT", type.precision(),
                     type.scale());
}

bool is_json(arrow::Type::type id) {
  switch (id) {
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST:
    case arrow::Type::STRUCT:
    case arrow::Type::MAP: return true;
    default: return false;
  }
}

// Range of a whole-number type: bits of magnitude, and whether it has negative values.
std::pair<int, bool> integer_range(const arrow::DataType& type) {
  const bool is_signed = arrow::is_signed_integer(type.id());
  return {type.bit_width() - (is_signed ? 1 : 0), is_signed};
}

bool decimal_fits(const arrow::DecimalType& type, const arrow::DecimalType& column, std::string_view declared) {
  const bool exact = affinity_of(declared) == Affinity::text || type.precision() <= kExactDigits;
  return exact && type.scale() <= column.scale() &&
         type.precision() - type.scale() <= column.precision() - column.scale();
}

bool same_kind(const arrow::DataType& type, const arrow::DataType& column) {
  if (arrow::is_integer(type.id()) && arrow::is_integer(column.id())) {
    const auto [bits, is_signed] = integer_range(type);
    const auto [room, takes_signed] = integer_range(column);
    return bits <= room && (!is_signed || takes_signed);
  }
  if (arrow::is_base_binary_like(type.id()))
    return arrow::is_base_binary_like(column.id()) && arrow::is_string(type.id()) == arrow::is_string(column.id());
  return type.id() == arrow::Type::FLOAT && column.id() == arrow::Type::DOUBLE;
}

}  // namespace

Affinity affinity_of(std::string_view declared) {
  const auto upper = trimmed_upper(declared);
  const auto has = [&upper](const char* part) { return upper.find(part) != std::string::npos; };
  if (has("INT")) return Affinity::integer;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return Affinity::text;
  if (upper.empty() || has("BLOB")) return Affinity::blob;
  if (has("REAL") || has("FLOA") || has("DOUB")) return Affinity::real;
  return Affinity::numeric;
}

TypePointer read_declared(std::string_view text) {
  const auto declared = parse(text);
  if (declared.name.empty()) return nullptr;
  if (auto type = plain_type(declared.name)) return type;
  if (auto type = sized_type(declared)) return type;
  switch (affinity_of(text)) {
    case Affinity::integer: return arrow::int64();
    case Affinity::text: return arrow::utf8();
    case Affinity::blob: return arrow::binary();
    case Affinity::real: return arrow::float64();
    case Affinity::numeric: return nullptr;
  }
  return nullptr;
}

Result<std::string> declared_for(const arrow::DataType& type) {
  using Type = arrow::Type;
  switch (type.id()) {
    case Type::BOOL: return "BOOLEAN";
    case Type::INT8: return "SINT8";
    case Type::INT16: return "INT16";
    case Type::INT32: return "INT32";
    case Type::INT64: return "INTEGER";
    case Type::UINT8: return "UINT8";
    case Type::UINT16: return "UINT16";
    case Type::UINT32: return "UINT32";
    case Type::UINT64: return "UNSIGNED64_TEXT";
    case Type::FLOAT: return "FLOAT32";
    case Type::DOUBLE: return "REAL";
    case Type::NA:
    case Type::STRING: return "TEXT";
    case Type::LARGE_STRING: return "LARGE_TEXT";
    case Type::BINARY:
    case Type::LARGE_BINARY: return "BLOB";
    case Type::FIXED_SIZE_BINARY: return fmt::format("FIXED_BLOB({})", type.byte_width());
    case Type::DATE32:
    case Type::DATE64: return "DATE";
    case Type::TIME32:
    case Type::TIME64: return "TIME" + digits_of(static_cast<const arrow::TimeType&>(type).unit());
    case Type::DURATION:
      return fmt::format("DURATION{}", digits_of(static_cast<const arrow::DurationType&>(type).unit()));
    case Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      return (timestamp.timezone().empty() ? "TIMESTAMP" : "TIMESTAMPTZ") + digits_of(timestamp.unit());
    }
    case Type::DECIMAL128:
    case Type::DECIMAL256: return declared_decimal(static_cast<const arrow::DecimalType&>(type));
    case Type::DICTIONARY: return declared_for(*static_cast<const arrow::DictionaryType&>(type).value_type());
    default: break;
  }
  if (is_json(type.id())) return "JSON_TEXT";
  return Error(ErrorCode::unsupported, "SQLite targets cannot hold columns of type " + type.ToString())
      .hint("cast the column in the model, for example to text");
}

bool fits_declared(const arrow::DataType& type, std::string_view declared) {
  const auto own = declared_for(type);
  if (!own) return false;
  if (trimmed_upper(declared) == *own || type.id() == arrow::Type::NA) return true;
  if (type.id() == arrow::Type::DICTIONARY)
    return fits_declared(*static_cast<const arrow::DictionaryType&>(type).value_type(), declared);
  const auto column = read_declared(declared);
  if (column == nullptr) {
    // Columns that promise nothing keep texts as they are, unless they make numbers of them.
    if (affinity_of(declared) == Affinity::blob) return true;
    return type.id() == arrow::Type::DOUBLE || (arrow::is_integer(type.id()) && type.id() != arrow::Type::UINT64);
  }
  if (arrow::is_decimal(type.id()) && arrow::is_decimal(column->id()))
    return decimal_fits(static_cast<const arrow::DecimalType&>(type), static_cast<const arrow::DecimalType&>(*column),
                        declared);
  if (column->id() == arrow::Type::UINT64) return arrow::is_unsigned_integer(type.id());
  if (is_json(type.id())) return column->id() == arrow::Type::STRING;
  const auto back = read_declared(*own);
  return back->Equals(*column) || same_kind(*back, *column);
}

}  // namespace mainstem::connectors::sqlite
