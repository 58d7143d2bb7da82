#include "duckdb/types.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include "duckdb/identifier.h"
#include "duckdb/logical_type.h"

namespace mainstem::duckdb {
namespace {

struct Primitive {
  duckdb_type id;
  const char* sql;
};

std::optional<Primitive> timestamp(const arrow::TimestampType& type) {
  if (!type.timezone().empty()) return Primitive{DUCKDB_TYPE_TIMESTAMP_TZ, "TIMESTAMP WITH TIME ZONE"};
  switch (type.unit()) {
    case arrow::TimeUnit::SECOND: return Primitive{DUCKDB_TYPE_TIMESTAMP_S, "TIMESTAMP_S"};
    case arrow::TimeUnit::MILLI: return Primitive{DUCKDB_TYPE_TIMESTAMP_MS, "TIMESTAMP_MS"};
    case arrow::TimeUnit::MICRO: return Primitive{DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP"};
    case arrow::TimeUnit::NANO: return Primitive{DUCKDB_TYPE_TIMESTAMP_NS, "TIMESTAMP_NS"};
  }
  return std::nullopt;
}

std::optional<Primitive> time_of_day(const arrow::TimeType& type) {
  if (type.unit() == arrow::TimeUnit::NANO) return Primitive{DUCKDB_TYPE_TIME_NS, "TIME_NS"};
  return Primitive{DUCKDB_TYPE_TIME, "TIME"};
}

std::optional<Primitive> primitive(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::NA: return Primitive{DUCKDB_TYPE_INTEGER, "INTEGER"};
    case arrow::Type::BOOL: return Primitive{DUCKDB_TYPE_BOOLEAN, "BOOLEAN"};
    case arrow::Type::INT8: return Primitive{DUCKDB_TYPE_TINYINT, "TINYINT"};
    case arrow::Type::INT16: return Primitive{DUCKDB_TYPE_SMALLINT, "SMALLINT"};
    case arrow::Type::INT32: return Primitive{DUCKDB_TYPE_INTEGER, "INTEGER"};
    case arrow::Type::INT64: return Primitive{DUCKDB_TYPE_BIGINT, "BIGINT"};
    case arrow::Type::UINT8: return Primitive{DUCKDB_TYPE_UTINYINT, "UTINYINT"};
    case arrow::Type::UINT16: return Primitive{DUCKDB_TYPE_USMALLINT, "USMALLINT"};
    case arrow::Type::UINT32: return Primitive{DUCKDB_TYPE_UINTEGER, "UINTEGER"};
    case arrow::Type::UINT64: return Primitive{DUCKDB_TYPE_UBIGINT, "UBIGINT"};
    case arrow::Type::HALF_FLOAT:
    case arrow::Type::FLOAT: return Primitive{DUCKDB_TYPE_FLOAT, "FLOAT"};
    case arrow::Type::DOUBLE: return Primitive{DUCKDB_TYPE_DOUBLE, "DOUBLE"};
    case arrow::Type::DATE32:
    case arrow::Type::DATE64: return Primitive{DUCKDB_TYPE_DATE, "DATE"};
    case arrow::Type::TIMESTAMP: return timestamp(static_cast<const arrow::TimestampType&>(type));
    case arrow::Type::TIME32:
    case arrow::Type::TIME64: return time_of_day(static_cast<const arrow::TimeType&>(type));
    case arrow::Type::DURATION:
    case arrow::Type::INTERVAL_MONTHS:
    case arrow::Type::INTERVAL_DAY_TIME:
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: return Primitive{DUCKDB_TYPE_INTERVAL, "INTERVAL"};
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW: return Primitive{DUCKDB_TYPE_VARCHAR, "VARCHAR"};
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
    case arrow::Type::FIXED_SIZE_BINARY: return Primitive{DUCKDB_TYPE_BLOB, "BLOB"};
    default: return std::nullopt;
  }
}

constexpr int kMostDigits = 38;
constexpr int kMostArrayItems = 100'000;

Error no_such_type(const std::string& type, const char* hint) {
  return Error(ErrorCode::unsupported, fmt::format("the SQL engine has no type for {}", type)).hint(hint);
}

struct Decimal {
  uint8_t width;
  uint8_t scale;
};

Result<Decimal> decimal(const arrow::DataType& type) {
  const auto& given = static_cast<const arrow::DecimalType&>(type);
  // Arrow allows more digits after the point than there are digits; DuckDB does not.
  const int width = std::max(given.precision(), given.scale());
  if (given.scale() < 0 || width > kMostDigits)
    return no_such_type(type.ToString(), "give the column at most 38 digits, none of them before the point implied");
  return Decimal{static_cast<uint8_t>(width), static_cast<uint8_t>(given.scale())};
}

bool fits_array(const arrow::DataType& type) {
  const int size = static_cast<const arrow::FixedSizeListType&>(type).list_size();
  return size >= 1 && size <= kMostArrayItems;
}

const arrow::DataType& item_type(const arrow::DataType& type) { return *type.field(0)->type(); }

Result<std::string> struct_sql(const arrow::DataType& type) {
  std::vector<std::string> members;
  for (const auto& field : type.fields()) {
    MS_ASSIGN(const auto member, sql_type(*field->type()));
    members.push_back(quote_name(field->name()) + " " + member);
  }
  return fmt::format("STRUCT({})", fmt::join(members, ", "));
}

Result<TypeHandle> struct_type(const arrow::DataType& type) {
  std::vector<TypeHandle> members;
  std::vector<duckdb_logical_type> raw;
  std::vector<const char*> names;
  for (const auto& field : type.fields()) {
    MS_ASSIGN(auto member, input_type(*field->type()));
    raw.push_back(member.get());
    members.push_back(std::move(member));
    names.push_back(field->name().c_str());
  }
  return TypeHandle(api().create_struct_type(raw.data(), names.data(), raw.size()));
}

}  // namespace

Result<std::string> sql_type(const arrow::DataType& type) {
  if (const auto plain = primitive(type)) return std::string(plain->sql);
  if (arrow::is_decimal(type.id())) {
    MS_ASSIGN(const auto digits, decimal(type));
    return fmt::format("DECIMAL({},{})", digits.width, digits.scale);
  }
  switch (type.id()) {
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST: {
      MS_ASSIGN(const auto item, sql_type(item_type(type)));
      return item + "[]";
    }
    case arrow::Type::FIXED_SIZE_LIST: {
      MS_ASSIGN(const auto item, sql_type(item_type(type)));
      const int size = static_cast<const arrow::FixedSizeListType&>(type).list_size();
      return fits_array(type) ? fmt::format("{}[{}]", item, size) : item + "[]";
    }
    case arrow::Type::STRUCT:
      if (type.num_fields() == 0) break;
      return struct_sql(type);
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      MS_ASSIGN(const auto key, sql_type(*map.key_type()));
      MS_ASSIGN(const auto item, sql_type(*map.item_type()));
      return fmt::format("MAP({}, {})", key, item);
    }
    case arrow::Type::DICTIONARY: return sql_type(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::EXTENSION: return sql_type(*static_cast<const arrow::ExtensionType&>(type).storage_type());
    default: break;
  }
  return no_such_type(type.ToString(), "declare the column as text");
}

Result<TypeHandle> input_type(const arrow::DataType& type) {
  if (const auto plain = primitive(type)) return TypeHandle(api().create_logical_type(plain->id));
  if (arrow::is_decimal(type.id())) {
    MS_ASSIGN(const auto digits, decimal(type));
    return TypeHandle(api().create_decimal_type(digits.width, digits.scale));
  }
  switch (type.id()) {
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST: {
      MS_ASSIGN(const auto item, input_type(item_type(type)));
      return TypeHandle(api().create_list_type(item.get()));
    }
    case arrow::Type::FIXED_SIZE_LIST: {
      MS_ASSIGN(const auto item, input_type(item_type(type)));
      const auto size = static_cast<idx_t>(static_cast<const arrow::FixedSizeListType&>(type).list_size());
      return TypeHandle(fits_array(type) ? api().create_array_type(item.get(), size)
                                         : api().create_list_type(item.get()));
    }
    case arrow::Type::STRUCT:
      if (type.num_fields() == 0) break;
      return struct_type(type);
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      MS_ASSIGN(const auto key, input_type(*map.key_type()));
      MS_ASSIGN(const auto item, input_type(*map.item_type()));
      return TypeHandle(api().create_map_type(key.get(), item.get()));
    }
    case arrow::Type::DICTIONARY: return input_type(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::EXTENSION: return input_type(*static_cast<const arrow::ExtensionType&>(type).storage_type());
    default: break;
  }
  return no_such_type(type.ToString(), "declare the column as text");
}

}  // namespace mainstem::duckdb
