#include "plan/columns.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/wider_type.h"
#include "config/option.h"
#include "pipeline/spec.h"

namespace mainstem::plan {
namespace {

// Digits before and behind the point that a whole number or decimal may have; nothing for other types.
struct Digits {
  int whole = 0;
  int behind = 0;
};

std::optional<Digits> digits_of(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::INT8:
    case arrow::Type::UINT8: return Digits{3, 0};
    case arrow::Type::INT16:
    case arrow::Type::UINT16: return Digits{5, 0};
    case arrow::Type::INT32:
    case arrow::Type::UINT32: return Digits{10, 0};
    case arrow::Type::INT64: return Digits{19, 0};
    case arrow::Type::UINT64: return Digits{20, 0};
    default: break;
  }
  if (!arrow::is_decimal(type.id())) return std::nullopt;
  const auto& decimal = static_cast<const arrow::DecimalType&>(type);
  return Digits{decimal.precision() - decimal.scale(), decimal.scale()};
}

bool integer_holds(const arrow::DataType& wide, const arrow::DataType& narrow) {
  const bool same_sign = arrow::is_signed_integer(wide.id()) == arrow::is_signed_integer(narrow.id());
  const int wide_bits = wide.bit_width();
  const int narrow_bits = narrow.bit_width();
  return same_sign ? wide_bits >= narrow_bits : arrow::is_signed_integer(wide.id()) && wide_bits > narrow_bits;
}

bool float_holds(const arrow::DataType& wide, const arrow::DataType& narrow) {
  const int exact_bits = wide.id() == arrow::Type::DOUBLE ? 53 : 24;
  if (arrow::is_integer(narrow.id())) return narrow.bit_width() <= exact_bits;
  return arrow::is_floating(narrow.id()) && narrow.bit_width() <= wide.bit_width();
}

bool decimal_holds(const arrow::DataType& wide, const arrow::DataType& narrow) {
  const auto room = digits_of(wide);
  const auto needed = digits_of(narrow);
  return room && needed && room->whole >= needed->whole && room->behind >= needed->behind;
}

// Texts of these types are exact and always the same.
bool has_plain_text(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || arrow::is_decimal(type.id()) || class_of(type) == TypeClass::text;
}

}  // namespace

Result<std::string> find_column(const arrow::Schema& schema, std::string_view name, std::string_view table,
                                const FilePosition& position) {
  const auto names = schema.field_names();
  if (std::ranges::find(names, name) != names.end()) return std::string(name);
  const auto it = std::ranges::find_if(names, [&](const auto& other) { return pipeline::same_name(other, name); });
  if (it != names.end()) return *it;
  auto guess = config::nearest(name, names);
  return Error(ErrorCode::invalid_config, fmt::format("'{}' has no column '{}'", table, name))
      .at(position)
      .hint(guess ? fmt::format("did you mean '{}'?", *guess) : fmt::format("columns: {}", fmt::join(names, ", ")));
}

Result<std::vector<std::string>> find_columns(const arrow::Schema& schema, const std::vector<std::string>& names,
                                              std::string_view table, const FilePosition& position) {
  std::vector<std::string> found;
  for (const auto& name : names) {
    MS_ASSIGN(auto column, find_column(schema, name, table, position));
    found.push_back(std::move(column));
  }
  return found;
}

Result<void> check_distinct(const arrow::Schema& schema, std::string_view table) {
  const auto names = schema.field_names();
  for (size_t i = 0; i < names.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (pipeline::same_name(names[i], names[j]))
        return Error(ErrorCode::invalid_config, fmt::format("'{}' has two columns named '{}'", table, names[i]))
            .hint("give each column a name of its own with AS; upper and lower case are the same");
  return {};
}

std::shared_ptr<arrow::Schema> masked_schema(const std::shared_ptr<arrow::Schema>& schema,
                                             const std::vector<ColumnMask>& masks) {
  auto fields = schema->fields();
  for (const auto& mask : masks)
    fields[static_cast<size_t>(schema->GetFieldIndex(mask.column))] = arrow::field(mask.column, arrow::utf8());
  return arrow::schema(std::move(fields));
}

TypeClass class_of(const arrow::DataType& type) {
  const auto id = type.id();
  if (columnar::is_number(type)) return TypeClass::number;
  if (arrow::is_string(id) || id == arrow::Type::STRING_VIEW) return TypeClass::text;
  if (arrow::is_date(id) || id == arrow::Type::TIMESTAMP) return TypeClass::time;
  if (id == arrow::Type::BOOL) return TypeClass::truth;
  if (arrow::is_base_binary_like(id) || arrow::is_fixed_size_binary(id)) return TypeClass::bytes;
  if (id == arrow::Type::DICTIONARY) return class_of(*static_cast<const arrow::DictionaryType&>(type).value_type());
  return arrow::is_nested(id) ? TypeClass::nested : TypeClass::other;
}

bool holds_all(const arrow::DataType& wide, const arrow::DataType& narrow) {
  if (wide.Equals(narrow)) return true;
  if (class_of(wide) == TypeClass::text) return has_plain_text(narrow);
  if (arrow::is_integer(wide.id())) return arrow::is_integer(narrow.id()) && integer_holds(wide, narrow);
  if (wide.id() == arrow::Type::DOUBLE || wide.id() == arrow::Type::FLOAT) return float_holds(wide, narrow);
  if (arrow::is_decimal(wide.id())) return decimal_holds(wide, narrow);
  return false;
}

}  // namespace mainstem::plan
