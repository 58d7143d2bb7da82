#include "format/value_append.h"

#include <arrow/builder.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/decimal.h>
#include <arrow/util/value_parsing.h>
#include <charconv>
#include <cmath>
#include <utility>

#include "columnar/type_name.h"
#include "format/number_text.h"

namespace mainstem::format {
namespace {

constexpr int32_t kMantissaDigits = 18;

arrow::Status misfit(std::string_view text, const arrow::DataType& type) {
  constexpr size_t longest = 100;
  std::string shown(text.substr(0, longest));
  if (text.size() > longest) shown += "...";
  return arrow::Status::Invalid("'", shown, "' is no ", columnar::type_name(type));
}

template <class T>
T& as(arrow::ArrayBuilder& builder) {
  return static_cast<T&>(builder);
}

// "7.00" is an integer as well: nothing is lost.
std::optional<int64_t> whole_number(std::string_view text, const NumberText& number) {
  if (number.scale == 0 || number.exponent) return number.as_int64();
  const auto point = text.find('.');
  if (text.find_first_not_of('0', point + 1) != std::string_view::npos) return std::nullopt;
  return scan_number(text.substr(0, point))->as_int64();
}

template <class Type>
arrow::Status append_integer(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text,
                             const NumberText& number) {
  const auto value = whole_number(text, number);
  if (!value || !std::in_range<typename Type::c_type>(*value)) return misfit(text, type);
  return as<typename arrow::TypeTraits<Type>::BuilderType>(builder).Append(static_cast<typename Type::c_type>(*value));
}

arrow::Status append_uint64(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text,
                            const NumberText& number) {
  uint64_t value = 0;
  if (!number.is_integer() || (number.negative && number.digits != 0)) return misfit(text, type);
  if (!number.negative && std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
    return misfit(text, type);
  return as<arrow::UInt64Builder>(builder).Append(value);
}

template <class Type>
arrow::Status append_floating(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text) {
  typename Type::c_type value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return misfit(text, type);
  return as<typename arrow::TypeTraits<Type>::BuilderType>(builder).Append(value);
}

template <class Type>
arrow::Status append_not_finite(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text) {
  if (text != "NaN" && text != "Infinity" && text != "-Infinity") return misfit(text, type);
  const auto value = text == "NaN" ? NAN : (text[0] == '-' ? -INFINITY : INFINITY);
  return as<typename arrow::TypeTraits<Type>::BuilderType>(builder).Append(value);
}

// Exact or not at all; only zeros may be dropped.
std::optional<arrow::Decimal256> wide_decimal(std::string_view text, const arrow::DecimalType& type) {
  arrow::Decimal256 value;
  int32_t precision = 0;
  int32_t scale = 0;
  if (!arrow::Decimal256::FromString(text, &value, &precision, &scale).ok()) return std::nullopt;
  auto rescaled = value.Rescale(scale, type.scale());
  if (!rescaled.ok() || !rescaled->FitsInPrecision(type.precision())) return std::nullopt;
  return *rescaled;
}

// The common case: up to 18 digits, no more behind the point than the type has.
std::optional<arrow::Decimal128> short_decimal(const NumberText& number, const arrow::DecimalType& type) {
  if (number.exponent || number.significant > kMantissaDigits) return std::nullopt;
  const int32_t missing = type.scale() - number.scale;
  if (missing < 0 || missing > kMantissaDigits || number.integer_digits > type.precision() - type.scale())
    return std::nullopt;
  arrow::Decimal128 value(number.negative ? -static_cast<int64_t>(number.digits) : static_cast<int64_t>(number.digits));
  if (missing > 0) value = value.IncreaseScaleBy(missing);
  return value;
}

arrow::Status append_decimal128(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text,
                                const NumberText& number) {
  const auto& decimal = static_cast<const arrow::DecimalType&>(type);
  if (const auto value = short_decimal(number, decimal)) return as<arrow::Decimal128Builder>(builder).Append(*value);
  const auto wide = wide_decimal(text, decimal);
  if (!wide) return misfit(text, type);
  const auto& words = wide->little_endian_array();
  return as<arrow::Decimal128Builder>(builder).Append(arrow::Decimal128(static_cast<int64_t>(words[1]), words[0]));
}

arrow::Status append_decimal256(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text) {
  const auto value = wide_decimal(text, static_cast<const arrow::DecimalType&>(type));
  if (!value) return misfit(text, type);
  return as<arrow::Decimal256Builder>(builder).Append(*value);
}

template <class Type>
arrow::Status append_time(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text) {
  typename Type::c_type value = 0;
  if (!arrow::internal::ParseValue<Type>(static_cast<const Type&>(type), text.data(), text.size(), &value))
    return misfit(text, type);
  return as<typename arrow::TypeTraits<Type>::BuilderType>(builder).Append(value);
}

arrow::Status append_timestamp(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text) {
  const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
  int64_t value = 0;
  bool has_zone = false;
  if (!arrow::internal::ParseTimestampISO8601(text.data(), text.size(), timestamp.unit(), &value, &has_zone))
    return misfit(text, type);
  if (has_zone == timestamp.timezone().empty())
    return arrow::Status::Invalid("'", text, has_zone ? "' has a zone, which " : "' has no zone, which ",
                                  columnar::type_name(type), has_zone ? " cannot hold" : " needs");
  return as<arrow::TimestampBuilder>(builder).Append(value);
}

arrow::Status append_boolean(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text) {
  if (text != "true" && text != "false") return misfit(text, type);
  return as<arrow::BooleanBuilder>(builder).Append(text == "true");
}

template <class Builder>
arrow::Status append_binary(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text) {
  const auto bytes = arrow::util::base64_decode(text);
  if (!bytes.ok()) return misfit(text, type);
  return as<Builder>(builder).Append(*bytes);
}

}  // namespace

arrow::Status append_number(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text,
                            const NumberText& number) {
  using arrow::Type;
  switch (type.id()) {
    case Type::INT64: return append_integer<arrow::Int64Type>(builder, type, text, number);
    case Type::INT32: return append_integer<arrow::Int32Type>(builder, type, text, number);
    case Type::INT16: return append_integer<arrow::Int16Type>(builder, type, text, number);
    case Type::INT8: return append_integer<arrow::Int8Type>(builder, type, text, number);
    case Type::UINT64: return append_uint64(builder, type, text, number);
    case Type::UINT32: return append_integer<arrow::UInt32Type>(builder, type, text, number);
    case Type::UINT16: return append_integer<arrow::UInt16Type>(builder, type, text, number);
    case Type::UINT8: return append_integer<arrow::UInt8Type>(builder, type, text, number);
    case Type::DOUBLE: return append_floating<arrow::DoubleType>(builder, type, text);
    case Type::FLOAT: return append_floating<arrow::FloatType>(builder, type, text);
    case Type::DECIMAL128: return append_decimal128(builder, type, text, number);
    case Type::DECIMAL256: return append_decimal256(builder, type, text);
    default: return append_text(builder, type, text);
  }
}

arrow::Status append_text(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text) {
  using arrow::Type;
  if (arrow::is_numeric(type.id()) || arrow::is_decimal(type.id())) {
    if (const auto number = scan_number(text)) return append_number(builder, type, text, *number);
    if (type.id() == Type::DOUBLE) return append_not_finite<arrow::DoubleType>(builder, type, text);
    return type.id() == Type::FLOAT ? append_not_finite<arrow::FloatType>(builder, type, text) : misfit(text, type);
  }
  switch (type.id()) {
    case Type::STRING: return as<arrow::StringBuilder>(builder).Append(text);
    case Type::LARGE_STRING: return as<arrow::LargeStringBuilder>(builder).Append(text);
    case Type::BOOL: return append_boolean(builder, type, text);
    case Type::DATE32: return append_time<arrow::Date32Type>(builder, type, text);
    case Type::TIME32: return append_time<arrow::Time32Type>(builder, type, text);
    case Type::TIME64: return append_time<arrow::Time64Type>(builder, type, text);
    case Type::TIMESTAMP: return append_timestamp(builder, type, text);
    case Type::BINARY: return append_binary<arrow::BinaryBuilder>(builder, type, text);
    case Type::LARGE_BINARY: return append_binary<arrow::LargeBinaryBuilder>(builder, type, text);
    default: return arrow::Status::NotImplemented("no text form of ", columnar::type_name(type));
  }
}

Result<void> check_type(const arrow::DataType& type) {
  using arrow::Type;
  switch (type.id()) {
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::BINARY:
    case Type::LARGE_BINARY:
    case Type::BOOL:
    case Type::INT8:
    case Type::INT16:
    case Type::INT32:
    case Type::INT64:
    case Type::UINT8:
    case Type::UINT16:
    case Type::UINT32:
    case Type::UINT64:
    case Type::FLOAT:
    case Type::DOUBLE:
    case Type::DECIMAL128:
    case Type::DECIMAL256:
    case Type::DATE32:
    case Type::TIME32:
    case Type::TIME64:
    case Type::TIMESTAMP: return {};
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::STRUCT:
      for (const auto& field : type.fields()) MS_TRY(check_type(*field->type()));
      return {};
    default: return Error(ErrorCode::unsupported, "records of text cannot fill the type " + columnar::type_name(type));
  }
}

std::string_view misfit_code(const arrow::DataType& type) {
  using arrow::Type;
  if (arrow::is_integer(type.id())) return "invalid_integer";
  if (arrow::is_decimal(type.id())) return "invalid_decimal";
  if (arrow::is_floating(type.id())) return "invalid_number";
  if (type.id() == Type::BOOL) return "invalid_boolean";
  if (type.id() == Type::DATE32) return "invalid_date";
  if (arrow::is_time(type.id())) return "invalid_time";
  if (type.id() == Type::TIMESTAMP) return "invalid_timestamp";
  if (arrow::is_base_binary_like(type.id())) return "invalid_binary";
  return type.id() == Type::STRUCT ? "not_an_object" : "not_a_list";
}

}  // namespace mainstem::format
