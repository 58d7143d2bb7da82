#include "connectors/postgres/types.h"

#include <algorithm>
#include <array>
#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/type_name.h"
#include "columnar/wider_type.h"

namespace mainstem::connectors::postgres {
namespace {

constexpr int kMaxDecimalDigits = 38;

struct BuiltIn {
  uint32_t oid;
  Wire wire;
  std::shared_ptr<arrow::DataType> (*arrow)();
};

std::shared_ptr<arrow::DataType> micros() { return arrow::timestamp(arrow::TimeUnit::MICRO); }
std::shared_ptr<arrow::DataType> utc_micros() { return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"); }
std::shared_ptr<arrow::DataType> day_micros() { return arrow::time64(arrow::TimeUnit::MICRO); }
std::shared_ptr<arrow::DataType> interval() { return arrow::month_day_nano_interval(); }

// numeric and arrays are decided below; every other type is read as the server's text.
const std::array<BuiltIn, 20> kBuiltIns{{{Oid::kBool, Wire::boolean, [] { return arrow::boolean(); }},
                                         {Oid::kInt2, Wire::int16, [] { return arrow::int16(); }},
                                         {Oid::kInt4, Wire::int32, [] { return arrow::int32(); }},
                                         {Oid::kInt8, Wire::int64, [] { return arrow::int64(); }},
                                         {Oid::kOid, Wire::oid, [] { return arrow::int64(); }},
                                         {Oid::kFloat4, Wire::float32, [] { return arrow::float32(); }},
                                         {Oid::kFloat8, Wire::float64, [] { return arrow::float64(); }},
                                         {Oid::kText, Wire::text, [] { return arrow::utf8(); }},
                                         {Oid::kVarchar, Wire::text, [] { return arrow::utf8(); }},
                                         {Oid::kBpchar, Wire::text, [] { return arrow::utf8(); }},
                                         {Oid::kName, Wire::text, [] { return arrow::utf8(); }},
                                         {Oid::kJson, Wire::text, [] { return arrow::utf8(); }},
                                         {Oid::kJsonb, Wire::jsonb, [] { return arrow::utf8(); }},
                                         {Oid::kUuid, Wire::uuid, [] { return arrow::utf8(); }},
                                         {Oid::kBytea, Wire::binary, [] { return arrow::binary(); }},
                                         {Oid::kDate, Wire::date, [] { return arrow::date32(); }},
                                         {Oid::kTime, Wire::time, day_micros},
                                         {Oid::kTimestamp, Wire::timestamp, micros},
                                         {Oid::kTimestamptz, Wire::timestamp, utc_micros},
                                         {Oid::kInterval, Wire::interval, interval}}};

ReadType text_cast() { return {.wire = Wire::text, .arrow = arrow::utf8(), .as_text = true, .element = nullptr}; }

struct Digits {
  int precision;
  int scale;
};

// numeric(p,s) as declared; scales may be negative or larger than the precision (PostgreSQL 15).
std::optional<Digits> declared_digits(int modifier) {
  constexpr int kHeader = 4;
  if (modifier < kHeader) return std::nullopt;
  const int packed = modifier - kHeader;
  const int precision = (packed >> 16) & 0xFFFF;
  const int scale = ((packed & 0x7FF) ^ 1024) - 1024;
  const Digits digits{.precision = scale < 0 ? precision - scale : std::max(precision, scale),
                      .scale = std::max(scale, 0)};
  if (digits.precision > kMaxDecimalDigits) return std::nullopt;
  return digits;
}

ReadType numeric_type(int modifier, const SourceOptions& options) {
  auto digits = declared_digits(modifier);
  // The option was checked when it was read.
  const auto form = parse_numeric_form(options.numeric);
  if (!digits && form && !form->text) digits = Digits{.precision = form->precision, .scale = form->scale};
  if (!digits) return {.wire = Wire::numeric_text, .arrow = arrow::utf8(), .as_text = false, .element = nullptr};
  return {.wire = Wire::decimal,
          .arrow = arrow::decimal128(digits->precision, digits->scale),
          .as_text = false,
          .element = nullptr};
}

ReadType scalar_type(uint32_t type, char kind, int modifier, const SourceOptions& options) {
  if (kind == 'e') return {.wire = Wire::text, .arrow = arrow::utf8(), .as_text = false, .element = nullptr};
  if (type == Oid::kNumeric) return numeric_type(modifier, options);
  const auto* known = std::ranges::find(kBuiltIns, type, &BuiltIn::oid);
  if (known == kBuiltIns.end()) return text_cast();
  return {.wire = known->wire, .arrow = known->arrow(), .as_text = false, .element = nullptr};
}

Error no_type(const arrow::DataType& type, std::string hint) {
  return Error(ErrorCode::unsupported, fmt::format("PostgreSQL has no type for {}", columnar::type_name(type)))
      .hint(std::move(hint));
}

Result<std::string> decimal_type(const arrow::DecimalType& type) {
  if (type.scale() < 0) return no_type(type, "cast the column to a decimal with a scale of 0 or more");
  return fmt::format("numeric({},{})", type.precision(), type.scale());
}

}  // namespace

ReadType read_type(const RemoteType& remote, const SourceOptions& options) {
  if (remote.element_oid == 0) return scalar_type(remote.oid, remote.kind, remote.modifier, options);
  auto element = scalar_type(remote.element_oid, remote.element_kind, remote.modifier, options);
  if (options.arrays == ArrayForm::text || element.as_text || remote.dimensions > 1) return text_cast();
  auto type = arrow::list(arrow::field("item", element.arrow));
  return {.wire = Wire::list,
          .arrow = std::move(type),
          .as_text = false,
          .element = std::make_shared<const ReadType>(std::move(element))};
}

Result<ReadType> read_type_as(const RemoteType& remote, const std::shared_ptr<arrow::DataType>& declared,
                              const SourceOptions& options) {
  auto usual = read_type(remote, options);
  if (usual.arrow->Equals(*declared)) return usual;
  if (declared->id() == arrow::Type::STRING) return text_cast();
  if (remote.oid == Oid::kNumeric && declared->id() == arrow::Type::DECIMAL128)
    return ReadType{.wire = Wire::decimal, .arrow = declared, .as_text = false, .element = nullptr};
  // Whether another number will do, the contract says.
  if (columnar::is_number(*usual.arrow) && columnar::is_number(*declared)) return usual;
  return Error(ErrorCode::unsupported,
               fmt::format("a column of type {} cannot be read as {}", remote.name, columnar::type_name(*declared)))
      .hint("use option query with a cast, or cast in a model");
}

std::shared_ptr<arrow::Field> read_field(const RemoteColumn& column, const ReadType& type,
                                         const SourceOptions& options) {
  const bool may_vanish =
      options.infinity == Infinity::null && (type.wire == Wire::date || type.wire == Wire::timestamp);
  return arrow::field(column.name, type.arrow, !column.not_null || may_vanish,
                      arrow::key_value_metadata({"remote_type"}, {column.type.name}));
}

Result<std::string> native_type(const arrow::DataType& type) {
  using arrow::Type;
  switch (type.id()) {
    case Type::BOOL: return "boolean";
    case Type::INT8:
    case Type::UINT8:
    case Type::INT16: return "smallint";
    case Type::UINT16:
    case Type::INT32: return "integer";
    case Type::UINT32:
    case Type::INT64: return "bigint";
    case Type::UINT64: return "numeric(20,0)";
    case Type::HALF_FLOAT:
    case Type::FLOAT: return "real";
    case Type::DOUBLE: return "double precision";
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256: return decimal_type(static_cast<const arrow::DecimalType&>(type));
    case Type::NA:
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::STRING_VIEW: return "text";
    case Type::BINARY:
    case Type::LARGE_BINARY:
    case Type::BINARY_VIEW:
    case Type::FIXED_SIZE_BINARY: return "bytea";
    case Type::DATE32:
    case Type::DATE64: return "date";
    case Type::TIME32:
    case Type::TIME64: return "time without time zone";
    case Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty() ? "timestamp without time zone"
                                                                               : "timestamp with time zone";
    case Type::DURATION:
    case Type::INTERVAL_MONTHS:
    case Type::INTERVAL_DAY_TIME:
    case Type::INTERVAL_MONTH_DAY_NANO: return "interval";
    case Type::DICTIONARY: return native_type(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::FIXED_SIZE_LIST: {
      const auto& element = *static_cast<const arrow::BaseListType&>(type).value_type();
      if (arrow::is_list_like(element.id())) return no_type(type, "lists of lists: use to_json(column) in a model");
      MS_ASSIGN(const auto name, native_type(element));
      return name + "[]";
    }
    default: return no_type(type, "turn it into JSON text with to_json(column) in a model, or take it apart");
  }
}

}  // namespace mainstem::connectors::postgres
