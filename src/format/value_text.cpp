#include "format/value_text.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/decimal.h>
#include <arrow/util/formatting.h>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

#include "base/check.h"

namespace mainstem::format {
namespace {

template <class ArrayType>
auto value_at(const arrow::Array& array, int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

template <class ArrayType>
void write_number(const arrow::Array& array, int64_t row, std::string& text) {
  fmt::format_to(std::back_inserter(text), "{}", value_at<ArrayType>(array, row));
}

template <class ArrayType>
void write_floating(const arrow::Array& array, int64_t row, std::string& text) {
  const auto value = value_at<ArrayType>(array, row);
  if (std::isnan(value)) {
    text += "NaN";
  } else if (std::isinf(value)) {
    text += value < 0 ? "-Infinity" : "Infinity";
  } else {
    const auto written = fmt::format("{}", value);
    text += written;
    if (written.find_first_of(".e") == std::string::npos) text += ".0";
  }
}

// Arrow's own form turns to exponents for small numbers.
void write_decimal(std::string digits, int32_t scale, std::string& text) {
  if (digits.starts_with('-')) {
    text += '-';
    digits.erase(0, 1);
  }
  if (scale <= 0) {
    text += digits;
    if (digits != "0") text.append(static_cast<size_t>(-scale), '0');
    return;
  }
  const auto behind_point = static_cast<size_t>(scale);
  if (digits.size() <= behind_point) digits.insert(0, behind_point + 1 - digits.size(), '0');
  text.append(digits, 0, digits.size() - behind_point);
  text += '.';
  text.append(digits, digits.size() - behind_point);
}

template <class Decimal, class ArrayType>
void write_decimal_of(const arrow::Array& array, int64_t row, std::string& text) {
  const Decimal value(static_cast<const ArrayType&>(array).GetValue(row));
  write_decimal(value.ToIntegerString(), static_cast<const arrow::DecimalType&>(*array.type()).scale(), text);
}

template <class Type>
Result<void> write_time(const arrow::Array& array, int64_t row, std::string& text) {
  arrow::internal::StringFormatter<Type> format(array.type().get());
  std::string written;
  format(value_at<typename arrow::TypeTraits<Type>::ArrayType>(array, row),
         [&](std::string_view part) { written.assign(part); });
  if (written.starts_with('<') || written.starts_with('-'))
    return Error(ErrorCode::invalid_data, "a date or time has no written form: " + written);
  // Arrow writes the "Z" of a type with a zone, but a blank before the time.
  if constexpr (std::is_same_v<Type, arrow::TimestampType>) written[written.find(' ')] = 'T';
  text += written;
  return {};
}

template <class ArrayType>
std::string_view view_at(const arrow::Array& array, int64_t row) {
  return static_cast<const ArrayType&>(array).GetView(row);
}

bool is_utf8(const arrow::Array& array) {
  using arrow::Type;
  switch (array.type_id()) {
    case Type::STRING: return static_cast<const arrow::StringArray&>(array).ValidateUTF8().ok();
    case Type::LARGE_STRING: return static_cast<const arrow::LargeStringArray&>(array).ValidateUTF8().ok();
    case Type::LIST: return is_utf8(*static_cast<const arrow::ListArray&>(array).values());
    case Type::LARGE_LIST: return is_utf8(*static_cast<const arrow::LargeListArray&>(array).values());
    case Type::STRUCT:
      for (const auto& field : static_cast<const arrow::StructArray&>(array).fields())
        if (!is_utf8(*field)) return false;
      return true;
    default: return true;
  }
}

}  // namespace

Result<void> write_text(const arrow::Array& array, int64_t row, std::string& text) {
  using arrow::Type;
  switch (array.type_id()) {
    case Type::STRING: text += view_at<arrow::StringArray>(array, row); return {};
    case Type::LARGE_STRING: text += view_at<arrow::LargeStringArray>(array, row); return {};
    case Type::BINARY: text += arrow::util::base64_encode(view_at<arrow::BinaryArray>(array, row)); return {};
    case Type::LARGE_BINARY:
      text += arrow::util::base64_encode(view_at<arrow::LargeBinaryArray>(array, row));
      return {};
    case Type::BOOL: text += value_at<arrow::BooleanArray>(array, row) ? "true" : "false"; return {};
    case Type::INT8: write_number<arrow::Int8Array>(array, row, text); return {};
    case Type::INT16: write_number<arrow::Int16Array>(array, row, text); return {};
    case Type::INT32: write_number<arrow::Int32Array>(array, row, text); return {};
    case Type::INT64: write_number<arrow::Int64Array>(array, row, text); return {};
    case Type::UINT8: write_number<arrow::UInt8Array>(array, row, text); return {};
    case Type::UINT16: write_number<arrow::UInt16Array>(array, row, text); return {};
    case Type::UINT32: write_number<arrow::UInt32Array>(array, row, text); return {};
    case Type::UINT64: write_number<arrow::UInt64Array>(array, row, text); return {};
    case Type::FLOAT: write_floating<arrow::FloatArray>(array, row, text); return {};
    case Type::DOUBLE: write_floating<arrow::DoubleArray>(array, row, text); return {};
    case Type::DECIMAL128: write_decimal_of<arrow::Decimal128, arrow::Decimal128Array>(array, row, text); return {};
    case Type::DECIMAL256: write_decimal_of<arrow::Decimal256, arrow::Decimal256Array>(array, row, text); return {};
    case Type::DATE32: return write_time<arrow::Date32Type>(array, row, text);
    case Type::TIME32: return write_time<arrow::Time32Type>(array, row, text);
    case Type::TIME64: return write_time<arrow::Time64Type>(array, row, text);
    case Type::TIMESTAMP: return write_time<arrow::TimestampType>(array, row, text);
    default: CHECK(false, "the type was checked before"); return {};
  }
}

Result<void> check_utf8(const arrow::RecordBatch& batch) {
  for (int i = 0; i < batch.num_columns(); ++i)
    if (!is_utf8(*batch.column(i)))
      return Error(ErrorCode::invalid_data, "column '" + batch.column_name(i) + "' holds text that is not UTF-8");
  return {};
}

}  // namespace mainstem::format
