#include <arrow/api.h>
#include <fmt/format.h>

#include "duckdb/identifier.h"
#include "duckdb/logical_type.h"

namespace mainstem::duckdb {
namespace {

struct Mapping {
  duckdb_type id;
  std::shared_ptr<arrow::DataType> arrow;
  const char* sql;
  bool needs_cast;
};

const std::vector<Mapping>& mappings() {
  static const std::vector<Mapping> all = {
      {DUCKDB_TYPE_BOOLEAN, arrow::boolean(), "BOOLEAN", false},
      {DUCKDB_TYPE_TINYINT, arrow::int8(), "TINYINT", false},
      {DUCKDB_TYPE_SMALLINT, arrow::int16(), "SMALLINT", false},
      {DUCKDB_TYPE_INTEGER, arrow::int32(), "INTEGER", false},
      {DUCKDB_TYPE_BIGINT, arrow::int64(), "BIGINT", false},
      {DUCKDB_TYPE_UTINYINT, arrow::uint8(), "UTINYINT", false},
      {DUCKDB_TYPE_USMALLINT, arrow::uint16(), "USMALLINT", false},
      {DUCKDB_TYPE_UINTEGER, arrow::uint32(), "UINTEGER", false},
      {DUCKDB_TYPE_UBIGINT, arrow::uint64(), "UBIGINT", false},
      {DUCKDB_TYPE_FLOAT, arrow::float32(), "FLOAT", false},
      {DUCKDB_TYPE_DOUBLE, arrow::float64(), "DOUBLE", false},
      {DUCKDB_TYPE_DATE, arrow::date32(), "DATE", false},
      {DUCKDB_TYPE_TIME, arrow::time64(arrow::TimeUnit::MICRO), "TIME", false},
      {DUCKDB_TYPE_TIME_NS, arrow::time64(arrow::TimeUnit::NANO), "TIME_NS", false},
      {DUCKDB_TYPE_TIMESTAMP, arrow::timestamp(arrow::TimeUnit::MICRO), "TIMESTAMP", false},
      {DUCKDB_TYPE_TIMESTAMP_S, arrow::timestamp(arrow::TimeUnit::SECOND), "TIMESTAMP_S", false},
      {DUCKDB_TYPE_TIMESTAMP_MS, arrow::timestamp(arrow::TimeUnit::MILLI), "TIMESTAMP_MS", false},
      {DUCKDB_TYPE_TIMESTAMP_NS, arrow::timestamp(arrow::TimeUnit::NANO), "TIMESTAMP_NS", false},
      {DUCKDB_TYPE_TIMESTAMP_TZ, arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "TIMESTAMP WITH TIME ZONE", false},
      {DUCKDB_TYPE_INTERVAL, arrow::month_day_nano_interval(), "INTERVAL", false},
      {DUCKDB_TYPE_VARCHAR, arrow::utf8(), "VARCHAR", false},
      {DUCKDB_TYPE_BLOB, arrow::binary(), "BLOB", false},
      // The sum of whole numbers is a HUGEINT; what has more than 38 digits fails in the cast.
      {DUCKDB_TYPE_HUGEINT, arrow::decimal128(38, 0), "DECIMAL(38,0)", true},
      {DUCKDB_TYPE_UHUGEINT, arrow::decimal128(38, 0), "DECIMAL(38,0)", true},
      {DUCKDB_TYPE_UUID, arrow::utf8(), "VARCHAR", true},
      {DUCKDB_TYPE_ENUM, arrow::utf8(), "VARCHAR", true},
      {DUCKDB_TYPE_BIT, arrow::utf8(), "VARCHAR", true},
      {DUCKDB_TYPE_BIGNUM, arrow::utf8(), "VARCHAR", true},
      {DUCKDB_TYPE_VARIANT, arrow::utf8(), "VARCHAR", true},
      {DUCKDB_TYPE_TIME_TZ, arrow::utf8(), "VARCHAR", true},
      // An object of one member, which names the alternative.
      {DUCKDB_TYPE_UNION, arrow::utf8(), "JSON", true},
      // As in CREATE TABLE AS: a column of nulls alone becomes an integer.
      {DUCKDB_TYPE_SQLNULL, arrow::int32(), "INTEGER", true},
  };
  return all;
}

// A member of a nested type. DuckDB calls the type of a bare null (as in []) INTEGER while it prepares and gives nulls
// of no type when it runs; the cast makes them what it said, and costs nothing where they are.
Result<OutputType> member_output(duckdb_logical_type type) {
  MS_ASSIGN(auto output, output_type(type));
  output.needs_cast |= api().get_type_id(type) == DUCKDB_TYPE_INTEGER;
  return output;
}

Result<OutputType> struct_output(duckdb_logical_type type) {
  OutputType output{.arrow = nullptr, .sql = "STRUCT(", .needs_cast = false};
  arrow::FieldVector fields;
  const idx_t count = api().struct_type_child_count(type);
  for (idx_t i = 0; i < count; ++i) {
    const OwnedText name(api().struct_type_child_name(type, i));
    const TypeHandle child(api().struct_type_child_type(type, i));
    MS_ASSIGN(const auto member, member_output(child.get()));
    fields.push_back(arrow::field(name.get(), member.arrow));
    output.sql += (i == 0 ? "" : ", ") + quote_name(name.get()) + " " + member.sql;
    output.needs_cast |= member.needs_cast;
  }
  output.sql += ")";
  output.arrow = arrow::struct_(fields);
  return output;
}

Result<OutputType> map_output(duckdb_logical_type type) {
  const TypeHandle key_type(api().map_type_key_type(type));
  const TypeHandle value_type(api().map_type_value_type(type));
  MS_ASSIGN(const auto key, member_output(key_type.get()));
  MS_ASSIGN(const auto value, member_output(value_type.get()));
  return OutputType{.arrow = arrow::map(key.arrow, value.arrow),
                    .sql = fmt::format("MAP({}, {})", key.sql, value.sql),
                    .needs_cast = key.needs_cast || value.needs_cast};
}

}  // namespace

Result<OutputType> output_type(duckdb_logical_type type) {
  const auto id = api().get_type_id(type);
  for (const auto& mapping : mappings())
    if (mapping.id == id)
      return OutputType{.arrow = mapping.arrow, .sql = mapping.sql, .needs_cast = mapping.needs_cast};
  switch (id) {
    case DUCKDB_TYPE_DECIMAL: {
      const int width = api().decimal_width(type), scale = api().decimal_scale(type);
      return OutputType{.arrow = arrow::decimal128(width, scale), .sql = fmt::format("DECIMAL({},{})", width, scale)};
    }
    case DUCKDB_TYPE_LIST: {
      const TypeHandle item_type(api().list_type_child_type(type));
      MS_ASSIGN(auto item, member_output(item_type.get()));
      return OutputType{.arrow = arrow::list(item.arrow), .sql = item.sql + "[]", .needs_cast = item.needs_cast};
    }
    case DUCKDB_TYPE_ARRAY: {
      const TypeHandle item_type(api().array_type_child_type(type));
      MS_ASSIGN(auto item, output_type(item_type.get()));
      return OutputType{.arrow = arrow::list(item.arrow), .sql = item.sql + "[]", .needs_cast = true};
    }
    case DUCKDB_TYPE_STRUCT: return struct_output(type);
    case DUCKDB_TYPE_MAP: return map_output(type);
    case DUCKDB_TYPE_INVALID:
    case DUCKDB_TYPE_ANY:
      return Error(ErrorCode::invalid_config, "a type that depends on a parameter")
          .hint("write the value into the query, or cast the column");
    default:
      return Error(ErrorCode::unsupported,
                   fmt::format("a type without an Arrow form (number {})", static_cast<int>(id)))
          .hint("cast the column, for example with CAST(column AS VARCHAR)");
  }
}

}  // namespace mainstem::duckdb
