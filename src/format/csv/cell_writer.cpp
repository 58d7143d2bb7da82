#include "format/csv/cell_writer.h"

#include <arrow/api.h>
#include <arrow/extension_type.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <limits>

#include "base/json.h"
#include "columnar/type_name.h"
#include "format/csv/binary_text.h"
#include "format/csv/nested_writer.h"
#include "format/csv/numbers.h"
#include "format/csv/temporal.h"

namespace mainstem::format::csv {
namespace {

enum class JsonForm { bare, quoted, bare_if_finite };

/// A writer whose value is appended by a function `void(const ArrayType&, row, std::string&)` or one giving a Result.
template <class ArrayType, class Append>
class SimpleWriter final : public CellWriter {
 public:
  SimpleWriter(Append append, JsonForm json, bool free_text) : append_(append), json_(json), free_text_(free_text) {}

  void bind(const arrow::Array& array) override { array_ = &static_cast<const ArrayType&>(array); }
  bool is_null(int64_t row) const override { return array_->IsNull(row); }
  bool free_text() const override { return free_text_; }
  Result<void> write(int64_t row, std::string& out) const override {
    if constexpr (std::is_void_v<std::invoke_result_t<Append, const ArrayType&, int64_t, std::string&>>) {
      append_(*array_, row, out);
      return {};
    } else {
      return append_(*array_, row, out);
    }
  }
  Result<void> write_json(int64_t row, std::string& out) const override {
    if (json_ == JsonForm::bare) return write(row, out);
    std::string text;
    MS_TRY(write(row, text));
    const bool number =
        json_ == JsonForm::bare_if_finite && text.find_first_not_of("0123456789+-.e") == std::string::npos;
    out += number ? text : json_quote(text);
    return {};
  }

 private:
  const ArrayType* array_ = nullptr;
  Append append_;
  JsonForm json_;
  bool free_text_;
};

using Made = Result<std::unique_ptr<CellWriter>>;

template <class ArrayType, class Append>
Made simple(Append append, JsonForm json, bool free_text = false) {
  return std::unique_ptr<CellWriter>(std::make_unique<SimpleWriter<ArrayType, Append>>(append, json, free_text));
}

template <class ArrayType>
Made integer() {
  return simple<ArrayType>(
      [](const ArrayType& array, int64_t row, std::string& out) {
        const fmt::format_int text(array.Value(row));
        out.append(text.data(), text.size());
      },
      JsonForm::bare);
}

// JSON has no word for infinity and nan.
template <class ArrayType>
Made real() {
  return simple<ArrayType>([](const ArrayType& array, int64_t row,
                              std::string& out) { fmt::format_to(std::back_inserter(out), "{}", array.Value(row)); },
                           JsonForm::bare_if_finite);
}

template <class ArrayType>
Made text() {
  return simple<ArrayType>([](const ArrayType& array, int64_t row, std::string& out) { out += array.GetView(row); },
                           JsonForm::quoted, true);
}

template <class ArrayType>
Made binary(BinaryForm form) {
  return simple<ArrayType>(
      [form](const ArrayType& array, int64_t row, std::string& out) { encode_binary(array.GetView(row), form, out); },
      JsonForm::quoted, form == BinaryForm::base64);
}

void append_decimal(Int128 value, int scale, std::string& out) {
  std::array<char, 48> digits;
  size_t at = digits.size();
  auto rest = value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  int written = 0;
  do {
    if (scale > 0 && written == scale) digits[--at] = '.';
    digits[--at] = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    ++written;
  } while (rest != 0 || written <= scale);
  if (value < 0) digits[--at] = '-';
  out.append(digits.data() + at, digits.size() - at);
}

Int128 wide(const arrow::Decimal128& value) {
  return static_cast<Int128>(static_cast<UInt128>(static_cast<uint64_t>(value.high_bits())) << 64 | value.low_bits());
}

template <class ArrayType, class Value>
Made decimal(const arrow::DataType& type) {
  const int scale = static_cast<const arrow::DecimalType&>(type).scale();
  if (scale < 0) return Error(ErrorCode::unsupported, "a column of " + columnar::type_name(type) + " has no CSV form");
  return simple<ArrayType>(
      [scale](const ArrayType& array, int64_t row, std::string& out) {
        const Value value(array.GetValue(row));
        if constexpr (std::is_same_v<Value, arrow::Decimal128>)
          append_decimal(wide(value), scale, out);
        else if constexpr (std::is_same_v<Value, arrow::Decimal256>)
          out += value.ToString(scale);
        else
          append_decimal(value.value(), scale, out);
      },
      JsonForm::bare);
}

int64_t units_per_second(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1;
    case arrow::TimeUnit::MILLI: return 1'000;
    case arrow::TimeUnit::MICRO: return 1'000'000;
    case arrow::TimeUnit::NANO: return 1'000'000'000;
  }
  return 1;
}

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// The greatest count and its negative stand for infinity, as in DuckDB and in what the other connectors give.
template <class Value>
bool is_infinite(Value value) {
  return value == std::numeric_limits<Value>::max() || value == -std::numeric_limits<Value>::max();
}

Error no_infinity() {
  return Error(ErrorCode::invalid_data, "an infinite date or timestamp has no CSV form")
      .hint("turn it into null or a last day in a model");
}

template <class ArrayType>
Made time(const arrow::DataType& type) {
  const int64_t per_second = units_per_second(static_cast<const arrow::TimeType&>(type).unit());
  return simple<ArrayType>(
      [per_second](const ArrayType& array, int64_t row, std::string& out) -> Result<void> {
        const int64_t value = array.Value(row);
        if (value < 0 || value >= 86'400 * per_second)
          return Error(ErrorCode::invalid_data, "a time outside of the day has no CSV form");
        append_time(value * (1'000'000'000 / per_second), out);
        return {};
      },
      JsonForm::quoted);
}

Made timestamp(const arrow::DataType& type) {
  const auto& shape = static_cast<const arrow::TimestampType&>(type);
  const int64_t per_second = units_per_second(shape.unit());
  const bool zoned = !shape.timezone().empty();
  return simple<arrow::TimestampArray>(
      [per_second, zoned](const arrow::TimestampArray& array, int64_t row, std::string& out) -> Result<void> {
        const int64_t value = array.Value(row);
        if (is_infinite(value)) return no_infinity();
        const int64_t per_day = 86'400 * per_second;
        const int64_t days = floor_divide(value, per_day);
        // Not value - days * per_day, which the first days that int64 has would overflow.
        const int64_t rest = (value % per_day + per_day) % per_day;
        // Far beyond any calendar; the reader has nine digits for a year.
        if (days > 300'000'000'000 || days < -300'000'000'000)
          return Error(ErrorCode::invalid_data, "a timestamp beyond the year 800000000 has no CSV form");
        append_date(days, out);
        out += 'T';
        append_time(rest * (1'000'000'000 / per_second), out);
        if (zoned) out += 'Z';
        return {};
      },
      JsonForm::quoted);
}

Made date64() {
  return simple<arrow::Date64Array>(
      [](const arrow::Date64Array& array, int64_t row, std::string& out) -> Result<void> {
        const int64_t value = array.Value(row);
        if (value % 86'400'000 != 0)
          return Error(ErrorCode::invalid_data, "a date64 with a time of day has no CSV form");
        append_date(value / 86'400'000, out);
        return {};
      },
      JsonForm::quoted);
}

Made plain_writer(const arrow::DataType& type) {
  using arrow::Type;
  switch (type.id()) {
    case Type::NA:
      return simple<arrow::NullArray>([](const arrow::NullArray&, int64_t, std::string&) {}, JsonForm::bare);
    case Type::BOOL:
      return simple<arrow::BooleanArray>([](const arrow::BooleanArray& array, int64_t row,
                                            std::string& out) { out += array.Value(row) ? "true" : "false"; },
                                         JsonForm::bare);
    case Type::INT8: return integer<arrow::Int8Array>();
    case Type::INT16: return integer<arrow::Int16Array>();
    case Type::INT32: return integer<arrow::Int32Array>();
    case Type::INT64: return integer<arrow::Int64Array>();
    case Type::UINT8: return integer<arrow::UInt8Array>();
    case Type::UINT16: return integer<arrow::UInt16Array>();
    case Type::UINT32: return integer<arrow::UInt32Array>();
    case Type::UINT64: return integer<arrow::UInt64Array>();
    case Type::DURATION: return integer<arrow::DurationArray>();
    case Type::FLOAT: return real<arrow::FloatArray>();
    case Type::DOUBLE: return real<arrow::DoubleArray>();
    case Type::HALF_FLOAT:
      return simple<arrow::HalfFloatArray>(
          [](const arrow::HalfFloatArray& array, int64_t row, std::string& out) {
            fmt::format_to(std::back_inserter(out), "{}", arrow::util::Float16::FromBits(array.Value(row)).ToFloat());
          },
          JsonForm::quoted);
    case Type::STRING: return text<arrow::StringArray>();
    case Type::LARGE_STRING: return text<arrow::LargeStringArray>();
    case Type::STRING_VIEW: return text<arrow::StringViewArray>();
    case Type::DATE32:
      return simple<arrow::Date32Array>(
          [](const arrow::Date32Array& array, int64_t row, std::string& out) -> Result<void> {
            if (is_infinite(array.Value(row))) return no_infinity();
            append_date(array.Value(row), out);
            return {};
          },
          JsonForm::quoted);
    case Type::DATE64: return date64();
    case Type::TIME32: return time<arrow::Time32Array>(type);
    case Type::TIME64: return time<arrow::Time64Array>(type);
    case Type::TIMESTAMP: return timestamp(type);
    case Type::DECIMAL32: return decimal<arrow::Decimal32Array, arrow::Decimal32>(type);
    case Type::DECIMAL64: return decimal<arrow::Decimal64Array, arrow::Decimal64>(type);
    case Type::DECIMAL128: return decimal<arrow::Decimal128Array, arrow::Decimal128>(type);
    case Type::DECIMAL256: return decimal<arrow::Decimal256Array, arrow::Decimal256>(type);
    default: return Error(ErrorCode::unsupported, "a column of " + columnar::type_name(type) + " has no CSV form");
  }
}

}  // namespace

Result<std::unique_ptr<CellWriter>> make_cell_writer(const arrow::DataType& type, BinaryForm form) {
  using arrow::Type;
  switch (type.id()) {
    case Type::BINARY: return binary<arrow::BinaryArray>(form);
    case Type::LARGE_BINARY: return binary<arrow::LargeBinaryArray>(form);
    case Type::BINARY_VIEW: return binary<arrow::BinaryViewArray>(form);
    case Type::FIXED_SIZE_BINARY: return binary<arrow::FixedSizeBinaryArray>(form);
    case Type::DICTIONARY:
    case Type::EXTENSION:
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::FIXED_SIZE_LIST:
    case Type::MAP:
    case Type::STRUCT: return make_nested_writer(type, form);
    default: return plain_writer(type);
  }
}

}  // namespace mainstem::format::csv
