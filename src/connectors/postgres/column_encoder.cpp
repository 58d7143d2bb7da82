#include "connectors/postgres/column_encoder.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>
#include <limits>
#include <optional>

#include "columnar/type_name.h"
#include "connectors/postgres/numeric.h"
#include "connectors/postgres/types.h"

namespace mainstem::connectors::postgres {
namespace {

using arrow::Type;
using MonthDayNanos = arrow::MonthDayNanoIntervalType::MonthDayNanos;

template <class Sent>
void put_number(WireBuffer& out, Sent value) {
  char* to = out.reserve(4 + sizeof value);
  to_wire(to, static_cast<int32_t>(sizeof value));
  to_wire(to + 4, value);
  out.add(4 + sizeof value);
}

void put_decimal(WireBuffer& out, Int128 value, int scale) {
  char* to = out.reserve(4 + kMaxDecimalBytes);
  const auto length = static_cast<size_t>(encode_decimal(to + 4, value, scale) - (to + 4));
  to_wire(to, static_cast<int32_t>(length));
  out.add(4 + length);
}

bool put_interval(WireBuffer& out, int64_t micros, int32_t days, int32_t months) {
  char* to = out.reserve(20);
  to_wire(to, int32_t{16});
  to_wire(to + 4, micros);
  to_wire(to + 12, days);
  to_wire(to + 16, months);
  out.add(20);
  return true;
}

// Values that lie in memory one after the other.
template <class Value>
class FlatEncoder : public ColumnEncoder {
 public:
  void open(const arrow::Array& array) override {
    ColumnEncoder::open(array);
    values_ = array.data()->GetValues<Value>(1);
  }

 protected:
  const Value* values_ = nullptr;
};

template <class Value, class Sent>
class NumberEncoder final : public FlatEncoder<Value> {
  bool write_value(int64_t row, WireBuffer& out) override {
    put_number(out, static_cast<Sent>(this->values_[row]));
    return true;
  }
};

class UnsignedLongEncoder final : public FlatEncoder<uint64_t> {
  bool write_value(int64_t row, WireBuffer& out) override {
    put_decimal(out, static_cast<Int128>(values_[row]), 0);
    return true;
  }
};

class HalfFloatEncoder final : public FlatEncoder<uint16_t> {
  bool write_value(int64_t row, WireBuffer& out) override {
    put_number(out, std::bit_cast<uint32_t>(arrow::util::Float16::FromBits(values_[row]).ToFloat()));
    return true;
  }
};

class BoolEncoder final : public ColumnEncoder {
  bool write_value(int64_t row, WireBuffer& out) override {
    put_number(out, static_cast<int8_t>(static_cast<const arrow::BooleanArray*>(array_)->Value(row) ? 1 : 0));
    return true;
  }
};

// Text and bytes of any layout.
template <class Array>
class BytesEncoder final : public ColumnEncoder {
  bool write_value(int64_t row, WireBuffer& out) override {
    const std::string_view bytes = static_cast<const Array*>(array_)->GetView(row);
    if (bytes.size() > INT32_MAX) return false;
    char* to = out.reserve(4 + bytes.size());
    to_wire(to, static_cast<int32_t>(bytes.size()));
    if (!bytes.empty()) std::memcpy(to + 4, bytes.data(), bytes.size());
    out.add(4 + bytes.size());
    return true;
  }
};

// Values of 16 bytes stand at addresses of 8 where they come from an IPC file, so they are copied byte by byte.
template <class Value>
class DecimalEncoder final : public ColumnEncoder {
 public:
  explicit DecimalEncoder(int scale) : scale_(scale) {}

 private:
  bool write_value(int64_t row, WireBuffer& out) override {
    Value value;
    std::memcpy(&value, static_cast<const arrow::FixedSizeBinaryArray*>(array_)->GetValue(row), sizeof value);
    put_decimal(out, value, scale_);
    return true;
  }
  int scale_;
};

class LongDecimalEncoder final : public ColumnEncoder {
 public:
  explicit LongDecimalEncoder(int scale) : scale_(scale) {}

 private:
  bool write_value(int64_t row, WireBuffer& out) override {
    const arrow::Decimal256 value(static_cast<const arrow::Decimal256Array*>(array_)->GetValue(row));
    const auto bytes = encode_long_decimal(value.ToIntegerString(), scale_);
    out.put(static_cast<int32_t>(bytes.size()));
    out.put_bytes(bytes);
    return true;
  }
  int scale_;
};

// Counts of some unit of time as microseconds; false if they are finer or too many.
class Micros {
 public:
  explicit Micros(arrow::TimeUnit::type unit) {
    if (unit == arrow::TimeUnit::SECOND) factor_ = 1'000'000;
    if (unit == arrow::TimeUnit::MILLI) factor_ = 1'000;
    if (unit == arrow::TimeUnit::NANO) divisor_ = 1'000;
  }
  bool convert(int64_t count, int64_t& micros) const {
    if (divisor_ != 1) {
      micros = count / divisor_;
      return count % divisor_ == 0;
    }
    return !__builtin_mul_overflow(count, factor_, &micros);
  }

 private:
  int64_t factor_ = 1;
  int64_t divisor_ = 1;
};

template <class Value>
class TimeEncoder final : public FlatEncoder<Value> {
 public:
  explicit TimeEncoder(arrow::TimeUnit::type unit) : micros_(unit) {}

 private:
  bool write_value(int64_t row, WireBuffer& out) override {
    int64_t micros = 0;
    if (!micros_.convert(this->values_[row], micros)) return false;
    put_number(out, micros);
    return true;
  }
  Micros micros_;
};

// The greatest count and its negative stand for the infinities, as in DuckDB; the server has its own counts for them.
template <class Value>
std::optional<Value> sent_infinity(Value value) {
  constexpr auto kGreatest = std::numeric_limits<Value>::max();
  if (value == kGreatest) return kGreatest;
  if (value == -kGreatest) return std::numeric_limits<Value>::min();
  return std::nullopt;
}

class TimestampEncoder final : public FlatEncoder<int64_t> {
 public:
  explicit TimestampEncoder(arrow::TimeUnit::type unit) : micros_(unit) {}

 private:
  bool write_value(int64_t row, WireBuffer& out) override {
    if (const auto infinity = sent_infinity(values_[row])) {
      put_number(out, *infinity);
      return true;
    }
    int64_t micros = 0;
    if (!micros_.convert(values_[row], micros) || __builtin_sub_overflow(micros, kEpochMicros, &micros)) return false;
    if (micros == INT64_MIN) return false;
    put_number(out, micros);
    return true;
  }
  Micros micros_;
};

class DateEncoder final : public FlatEncoder<int32_t> {
  bool write_value(int64_t row, WireBuffer& out) override {
    if (const auto infinity = sent_infinity(values_[row])) {
      put_number(out, *infinity);
      return true;
    }
    int32_t days = 0;
    if (__builtin_sub_overflow(values_[row], kEpochDays, &days) || days == INT32_MIN) return false;
    put_number(out, days);
    return true;
  }
};

class MillisecondDateEncoder final : public FlatEncoder<int64_t> {
  bool write_value(int64_t row, WireBuffer& out) override {
    constexpr int64_t kDay = 86'400'000;
    const int64_t days = values_[row] / kDay - kEpochDays;
    if (values_[row] % kDay != 0 || days <= INT32_MIN || days >= INT32_MAX) return false;
    put_number(out, static_cast<int32_t>(days));
    return true;
  }
};

class DurationEncoder final : public FlatEncoder<int64_t> {
 public:
  explicit DurationEncoder(arrow::TimeUnit::type unit) : micros_(unit) {}

 private:
  bool write_value(int64_t row, WireBuffer& out) override {
    int64_t micros = 0;
    return micros_.convert(values_[row], micros) && put_interval(out, micros, 0, 0);
  }
  Micros micros_;
};

class MonthsEncoder final : public FlatEncoder<int32_t> {
  bool write_value(int64_t row, WireBuffer& out) override { return put_interval(out, 0, 0, values_[row]); }
};

class DayTimeEncoder final : public FlatEncoder<arrow::DayTimeIntervalType::DayMilliseconds> {
  bool write_value(int64_t row, WireBuffer& out) override {
    return put_interval(out, int64_t{values_[row].milliseconds} * 1000, values_[row].days, 0);
  }
};

class IntervalEncoder final : public FlatEncoder<MonthDayNanos> {
  bool write_value(int64_t row, WireBuffer& out) override {
    const auto& value = values_[row];
    return value.nanoseconds % 1000 == 0 && put_interval(out, value.nanoseconds / 1000, value.days, value.months);
  }
};

class NullEncoder final : public ColumnEncoder {
  bool is_null(int64_t) const override { return true; }
  bool write_value(int64_t, WireBuffer&) override { return true; }
};

class DictionaryEncoder final : public ColumnEncoder {
 public:
  explicit DictionaryEncoder(std::unique_ptr<ColumnEncoder> values) : values_(std::move(values)) {}

  void open(const arrow::Array& array) override {
    ColumnEncoder::open(array);
    dictionary_ = static_cast<const arrow::DictionaryArray&>(array).dictionary();
    values_->open(*dictionary_);
  }

 private:
  bool write_value(int64_t row, WireBuffer& out) override {
    return values_->write(static_cast<const arrow::DictionaryArray*>(array_)->GetValueIndex(row), out);
  }
  std::unique_ptr<ColumnEncoder> values_;
  std::shared_ptr<arrow::Array> dictionary_;
};

// array_recv: dimensions, has-nulls, element type, size, lower bound, elements.
template <class Array>
class ListEncoder final : public ColumnEncoder {
 public:
  ListEncoder(uint32_t element_oid, std::unique_ptr<ColumnEncoder> element)
      : element_oid_(element_oid), element_(std::move(element)) {}

  void open(const arrow::Array& array) override {
    ColumnEncoder::open(array);
    elements_ = static_cast<const Array&>(array).values();
    element_->open(*elements_);
  }

 private:
  bool write_value(int64_t row, WireBuffer& out) override {
    const auto& list = *static_cast<const Array*>(array_);
    const auto first = static_cast<int64_t>(list.value_offset(row));
    const auto count = static_cast<int64_t>(list.value_length(row));
    if (count > INT32_MAX) return false;
    const size_t start = out.size();
    out.put(int32_t{0});
    out.put(int32_t{count == 0 ? 0 : 1});
    out.put(int32_t{1});
    out.put(element_oid_);
    if (count > 0) {
      out.put(static_cast<int32_t>(count));
      out.put(int32_t{1});
    }
    for (int64_t i = 0; i < count; ++i)
      if (!element_->write(first + i, out)) return false;
    const size_t length = out.size() - start - 4;
    if (length > INT32_MAX) return false;
    out.set_length(start, length);
    return true;
  }

  uint32_t element_oid_;
  std::unique_ptr<ColumnEncoder> element_;
  std::shared_ptr<arrow::Array> elements_;
};

std::unique_ptr<ColumnEncoder> make_time(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::DATE32: return std::make_unique<DateEncoder>();
    case Type::DATE64: return std::make_unique<MillisecondDateEncoder>();
    case Type::TIME32: return std::make_unique<TimeEncoder<int32_t>>(static_cast<const arrow::TimeType&>(type).unit());
    case Type::TIME64: return std::make_unique<TimeEncoder<int64_t>>(static_cast<const arrow::TimeType&>(type).unit());
    case Type::TIMESTAMP:
      return std::make_unique<TimestampEncoder>(static_cast<const arrow::TimestampType&>(type).unit());
    case Type::DURATION: return std::make_unique<DurationEncoder>(static_cast<const arrow::DurationType&>(type).unit());
    case Type::INTERVAL_MONTHS: return std::make_unique<MonthsEncoder>();
    case Type::INTERVAL_DAY_TIME: return std::make_unique<DayTimeEncoder>();
    case Type::INTERVAL_MONTH_DAY_NANO: return std::make_unique<IntervalEncoder>();
    default: return nullptr;
  }
}

std::unique_ptr<ColumnEncoder> make_number(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::BOOL: return std::make_unique<BoolEncoder>();
    case Type::INT8: return std::make_unique<NumberEncoder<int8_t, int16_t>>();
    case Type::UINT8: return std::make_unique<NumberEncoder<uint8_t, int16_t>>();
    case Type::INT16: return std::make_unique<NumberEncoder<int16_t, int16_t>>();
    case Type::UINT16: return std::make_unique<NumberEncoder<uint16_t, int32_t>>();
    case Type::INT32: return std::make_unique<NumberEncoder<int32_t, int32_t>>();
    case Type::UINT32: return std::make_unique<NumberEncoder<uint32_t, int64_t>>();
    case Type::INT64: return std::make_unique<NumberEncoder<int64_t, int64_t>>();
    case Type::UINT64: return std::make_unique<UnsignedLongEncoder>();
    case Type::HALF_FLOAT: return std::make_unique<HalfFloatEncoder>();
    // Floats are carried as their bits.
    case Type::FLOAT: return std::make_unique<NumberEncoder<uint32_t, uint32_t>>();
    case Type::DOUBLE: return std::make_unique<NumberEncoder<uint64_t, uint64_t>>();
    default: return nullptr;
  }
}

std::unique_ptr<ColumnEncoder> make_decimal(const arrow::DataType& type) {
  if (!arrow::is_decimal(type.id())) return nullptr;
  const int scale = static_cast<const arrow::DecimalType&>(type).scale();
  switch (type.id()) {
    case Type::DECIMAL32: return std::make_unique<DecimalEncoder<int32_t>>(scale);
    case Type::DECIMAL64: return std::make_unique<DecimalEncoder<int64_t>>(scale);
    case Type::DECIMAL128: return std::make_unique<DecimalEncoder<Int128>>(scale);
    default: return std::make_unique<LongDecimalEncoder>(scale);
  }
}

std::unique_ptr<ColumnEncoder> make_bytes(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::NA: return std::make_unique<NullEncoder>();
    case Type::STRING:
    case Type::BINARY: return std::make_unique<BytesEncoder<arrow::BinaryArray>>();
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY: return std::make_unique<BytesEncoder<arrow::LargeBinaryArray>>();
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW: return std::make_unique<BytesEncoder<arrow::BinaryViewArray>>();
    case Type::FIXED_SIZE_BINARY: return std::make_unique<BytesEncoder<arrow::FixedSizeBinaryArray>>();
    default: return nullptr;
  }
}

std::unique_ptr<ColumnEncoder> make_list(const arrow::DataType& type, std::unique_ptr<ColumnEncoder> element) {
  const auto oid = native_oid(*static_cast<const arrow::BaseListType&>(type).value_type());
  switch (type.id()) {
    case Type::LIST: return std::make_unique<ListEncoder<arrow::ListArray>>(oid, std::move(element));
    case Type::LARGE_LIST: return std::make_unique<ListEncoder<arrow::LargeListArray>>(oid, std::move(element));
    default: return std::make_unique<ListEncoder<arrow::FixedSizeListArray>>(oid, std::move(element));
  }
}

}  // namespace

void ColumnEncoder::open(const arrow::Array& array) {
  array_ = &array;
  valid_ = array.null_count() == 0 ? nullptr : array.null_bitmap_data();
  offset_ = array.offset();
}

bool ColumnEncoder::is_null(int64_t row) const {
  if (valid_ == nullptr) return false;
  const int64_t bit = offset_ + row;
  return (valid_[bit >> 3] >> (bit & 7) & 1) == 0;
}

Result<std::unique_ptr<ColumnEncoder>> ColumnEncoder::make(const arrow::DataType& type) {
  MS_TRY(native_type(type));
  if (type.id() == Type::DICTIONARY) {
    MS_ASSIGN(auto values, make(*static_cast<const arrow::DictionaryType&>(type).value_type()));
    return std::unique_ptr<ColumnEncoder>(std::make_unique<DictionaryEncoder>(std::move(values)));
  }
  if (arrow::is_list_like(type.id())) {
    MS_ASSIGN(auto element, make(*static_cast<const arrow::BaseListType&>(type).value_type()));
    return make_list(type, std::move(element));
  }
  for (auto* factory : {make_number, make_decimal, make_time, make_bytes})
    if (auto encoder = factory(type); encoder != nullptr) return encoder;
  return Error(ErrorCode::unsupported, "PostgreSQL has no type for " + columnar::type_name(type));
}

uint32_t native_oid(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::BOOL: return Oid::kBool;
    case Type::INT8:
    case Type::UINT8:
    case Type::INT16: return Oid::kInt2;
    case Type::UINT16:
    case Type::INT32: return Oid::kInt4;
    case Type::UINT32:
    case Type::INT64: return Oid::kInt8;
    case Type::UINT64:
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256: return Oid::kNumeric;
    case Type::HALF_FLOAT:
    case Type::FLOAT: return Oid::kFloat4;
    case Type::DOUBLE: return Oid::kFloat8;
    case Type::NA:
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::STRING_VIEW: return Oid::kText;
    case Type::BINARY:
    case Type::LARGE_BINARY:
    case Type::BINARY_VIEW:
    case Type::FIXED_SIZE_BINARY: return Oid::kBytea;
    case Type::DATE32:
    case Type::DATE64: return Oid::kDate;
    case Type::TIME32:
    case Type::TIME64: return Oid::kTime;
    case Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty() ? Oid::kTimestamp : Oid::kTimestamptz;
    case Type::DURATION:
    case Type::INTERVAL_MONTHS:
    case Type::INTERVAL_DAY_TIME:
    case Type::INTERVAL_MONTH_DAY_NANO: return Oid::kInterval;
    case Type::DICTIONARY: return native_oid(*static_cast<const arrow::DictionaryType&>(type).value_type());
    default: return 0;
  }
}

}  // namespace mainstem::connectors::postgres
