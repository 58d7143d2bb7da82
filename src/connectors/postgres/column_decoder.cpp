#include "connectors/postgres/column_decoder.h"

#include <array>
#include <arrow/api.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_builders.h>
#include <fmt/format.h>
#include <limits>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "columnar/status.h"
#include "connectors/postgres/numeric.h"
#include "connectors/postgres/wire.h"

namespace mainstem::connectors::postgres {
namespace {

using columnar::from_arrow;
using MonthDayNanos = arrow::MonthDayNanoIntervalType::MonthDayNanos;

// Which rows are null. Most are not, so only these are written down.
class Nulls {
 public:
  void add(int64_t row) { rows_.push_back(row); }
  void truncate(int64_t rows) {
    while (!rows_.empty() && rows_.back() >= rows) rows_.pop_back();
  }
  int64_t count() const { return static_cast<int64_t>(rows_.size()); }

  // Null where there are none.
  Result<std::shared_ptr<arrow::Buffer>> finish(int64_t rows) {
    if (rows_.empty()) return std::shared_ptr<arrow::Buffer>();
    MS_ASSIGN(std::shared_ptr<arrow::Buffer> bitmap, from_arrow(arrow::AllocateBitmap(rows)));
    std::memset(bitmap->mutable_data(), 0xFF, static_cast<size_t>(bitmap->size()));
    for (const int64_t row : rows_) arrow::bit_util::ClearBit(bitmap->mutable_data(), row);
    rows_.clear();
    return bitmap;
  }

 private:
  std::vector<int64_t> rows_;
};

// Memory that runs out while a batch is gathered: the run's budget is far below, so this is the machine's end.
void must(const arrow::Status& status) { CHECK(status.ok(), "no memory for a batch"); }

template <class Value>
class FixedDecoder : public ColumnDecoder {
 public:
  explicit FixedDecoder(std::shared_ptr<arrow::DataType> type) : type_(std::move(type)) {}

  void append_null() override {
    nulls_.add(rows());
    put(Value{});
  }
  void truncate(int64_t rows) override {
    nulls_.truncate(rows);
    values_.Rewind(rows * static_cast<int64_t>(sizeof(Value)));
  }
  Result<std::shared_ptr<arrow::Array>> finish() override {
    const int64_t count = rows();
    const int64_t nulls = nulls_.count();
    MS_ASSIGN(auto bitmap, nulls_.finish(count));
    MS_ASSIGN(auto values, from_arrow(values_.Finish()));
    return arrow::MakeArray(arrow::ArrayData::Make(type_, count, {std::move(bitmap), std::move(values)}, nulls));
  }

 protected:
  void put(const Value& value) { must(values_.Append(&value, sizeof value)); }
  int64_t rows() const { return values_.length() / static_cast<int64_t>(sizeof(Value)); }

 private:
  std::shared_ptr<arrow::DataType> type_;
  arrow::BufferBuilder values_;
  Nulls nulls_;
};

// Values that only change their byte order (and, for oid, their width).
template <class Sent, class Value = Sent>
class NumberDecoder final : public FixedDecoder<Value> {
 public:
  using FixedDecoder<Value>::FixedDecoder;
  Outcome append(std::string_view bytes) override {
    if (bytes.size() != sizeof(Sent)) return Outcome::malformed;
    this->put(static_cast<Value>(from_wire<Sent>(bytes)));
    return Outcome::ok;
  }
};

struct DateScale {
  using Value = int32_t;
  static constexpr Value kEpoch = kEpochDays;
  static constexpr Value kFirst = -719'162;  // 0001-01-01
  static constexpr Value kLast = 2'932'896;  // 9999-12-31
};
struct TimestampScale {
  using Value = int64_t;
  static constexpr Value kEpoch = kEpochMicros;
  static constexpr Value kFirst = -62'135'596'800'000'000;  // 0001-01-01T00:00:00
  static constexpr Value kLast = 253'402'300'799'999'999;   // 9999-12-31T23:59:59.999999
};

template <class Scale>
class CalendarDecoder final : public FixedDecoder<typename Scale::Value> {
 public:
  using Value = typename Scale::Value;
  CalendarDecoder(std::shared_ptr<arrow::DataType> type, Infinity infinity)
      : FixedDecoder<Value>(std::move(type)), infinity_(infinity) {}

  Outcome append(std::string_view bytes) override {
    if (bytes.size() != sizeof(Value)) return Outcome::malformed;
    const auto sent = from_wire<Value>(bytes);
    constexpr auto kInfinity = std::numeric_limits<Value>::max();
    constexpr auto kMinusInfinity = std::numeric_limits<Value>::min();
    if (sent == kInfinity || sent == kMinusInfinity) return append_infinity(sent == kInfinity);
    Value value = 0;
    if (__builtin_add_overflow(sent, Scale::kEpoch, &value)) return Outcome::out_of_range;
    this->put(value);
    return Outcome::ok;
  }

 private:
  Outcome append_infinity(bool positive) {
    if (infinity_ == Infinity::reject) return Outcome::infinite;
    constexpr auto kGreatest = std::numeric_limits<Value>::max();
    switch (infinity_) {
      case Infinity::null: this->append_null(); break;
      case Infinity::keep: this->put(positive ? kGreatest : -kGreatest); break;
      default: this->put(positive ? Scale::kLast : Scale::kFirst);
    }
    return Outcome::ok;
  }

  Infinity infinity_;
};

class TimeDecoder final : public FixedDecoder<int64_t> {
 public:
  using FixedDecoder::FixedDecoder;
  Outcome append(std::string_view bytes) override {
    if (bytes.size() != sizeof(int64_t)) return Outcome::malformed;
    const auto value = from_wire<int64_t>(bytes);
    // 24:00:00 is a time there and not in Arrow.
    if (value < 0 || value >= int64_t{86'400'000'000}) return Outcome::out_of_range;
    put(value);
    return Outcome::ok;
  }
};

class IntervalDecoder final : public FixedDecoder<MonthDayNanos> {
 public:
  using FixedDecoder::FixedDecoder;
  Outcome append(std::string_view bytes) override {
    if (bytes.size() != 16) return Outcome::malformed;
    MonthDayNanos value{};
    if (__builtin_mul_overflow(from_wire<int64_t>(bytes), int64_t{1000}, &value.nanoseconds))
      return Outcome::out_of_range;
    value.days = from_wire<int32_t>(bytes.data() + 8);
    value.months = from_wire<int32_t>(bytes.data() + 12);
    put(value);
    return Outcome::ok;
  }
};

class DecimalDecoder final : public FixedDecoder<Int128> {
 public:
  explicit DecimalDecoder(const std::shared_ptr<arrow::DataType>& type)
      : FixedDecoder(type),
        precision_(static_cast<const arrow::DecimalType&>(*type).precision()),
        scale_(static_cast<const arrow::DecimalType&>(*type).scale()) {}

  Outcome append(std::string_view bytes) override {
    const auto numeric = Numeric::parse(bytes);
    if (!numeric) return Outcome::malformed;
    if (numeric->is_special()) return Outcome::not_a_number;
    const auto value = to_decimal(*numeric, precision_, scale_);
    if (!value) return Outcome::decimal_overflow;
    put(*value);
    return Outcome::ok;
  }

 private:
  int precision_;
  int scale_;
};

class BoolDecoder final : public ColumnDecoder {
 public:
  Outcome append(std::string_view bytes) override {
    if (bytes.size() != 1) return Outcome::malformed;
    values_.push_back(bytes[0] != 0 ? 1 : 0);
    return Outcome::ok;
  }
  void append_null() override {
    nulls_.add(static_cast<int64_t>(values_.size()));
    values_.push_back(0);
  }
  void truncate(int64_t rows) override {
    nulls_.truncate(rows);
    values_.resize(static_cast<size_t>(rows));
  }
  Result<std::shared_ptr<arrow::Array>> finish() override {
    const auto rows = static_cast<int64_t>(values_.size());
    const int64_t nulls = nulls_.count();
    MS_ASSIGN(auto bitmap, nulls_.finish(rows));
    MS_ASSIGN(auto bits, from_arrow(arrow::internal::BytesToBits(values_)));
    values_.clear();
    return arrow::MakeArray(
        arrow::ArrayData::Make(arrow::boolean(), rows, {std::move(bitmap), std::move(bits)}, nulls));
  }

 private:
  std::vector<uint8_t> values_;
  Nulls nulls_;
};

class TextDecoder : public ColumnDecoder {
 public:
  TextDecoder(std::shared_ptr<arrow::DataType> type, bool check_utf8)
      : type_(std::move(type)), check_utf8_(check_utf8) {}

  Outcome append(std::string_view bytes) override {
    if (check_utf8_ && !mainstem::is_utf8(bytes)) return Outcome::invalid_utf8;
    put(bytes);
    return Outcome::ok;
  }
  void append_null() override {
    nulls_.add(rows());
    put({});
  }
  void truncate(int64_t rows) override {
    nulls_.truncate(rows);
    if (rows >= this->rows()) return;
    text_.Rewind(starts_.data()[rows]);
    starts_.bytes_builder()->Rewind(rows * static_cast<int64_t>(sizeof(int32_t)));
  }
  Result<std::shared_ptr<arrow::Array>> finish() override {
    const int64_t count = rows();
    const int64_t nulls = nulls_.count();
    must(starts_.Append(static_cast<int32_t>(text_.length())));
    MS_ASSIGN(auto bitmap, nulls_.finish(count));
    MS_ASSIGN(auto starts, from_arrow(starts_.Finish()));
    MS_ASSIGN(auto text, from_arrow(text_.Finish()));
    return arrow::MakeArray(
        arrow::ArrayData::Make(type_, count, {std::move(bitmap), std::move(starts), std::move(text)}, nulls));
  }

 protected:
  // A batch ends long before two gibibytes, and the server sends no value of more than one.
  void put(std::string_view bytes) {
    must(starts_.Append(static_cast<int32_t>(text_.length())));
    if (!bytes.empty()) must(text_.Append(bytes.data(), static_cast<int64_t>(bytes.size())));
  }

 private:
  int64_t rows() const { return starts_.length(); }

  std::shared_ptr<arrow::DataType> type_;
  bool check_utf8_;
  arrow::TypedBufferBuilder<int32_t> starts_;
  arrow::BufferBuilder text_;
  Nulls nulls_;
};

class JsonbDecoder final : public TextDecoder {
 public:
  using TextDecoder::TextDecoder;
  Outcome append(std::string_view bytes) override {
    constexpr char kVersion = 1;
    if (bytes.empty() || bytes[0] != kVersion) return Outcome::malformed;
    return TextDecoder::append(bytes.substr(1));
  }
};

std::array<char, 36> uuid_text(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 36> text{};
  size_t at = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text[at++] = kDigits[byte >> 4];
    text[at++] = kDigits[byte & 15];
  }
  return text;
}

class UuidDecoder final : public TextDecoder {
 public:
  using TextDecoder::TextDecoder;
  Outcome append(std::string_view bytes) override {
    if (bytes.size() != 16) return Outcome::malformed;
    const auto text = uuid_text(bytes);
    put({text.data(), text.size()});
    return Outcome::ok;
  }
};

class NumericTextDecoder final : public TextDecoder {
 public:
  using TextDecoder::TextDecoder;
  Outcome append(std::string_view bytes) override {
    const auto numeric = Numeric::parse(bytes);
    if (!numeric) return Outcome::malformed;
    text_.clear();
    append_text(*numeric, text_);
    put(text_);
    return Outcome::ok;
  }

 private:
  std::string text_;
};

// array_send: dimensions, has-nulls, element type, then size and lower bound of each dimension, then the elements.
class ListDecoder final : public ColumnDecoder {
 public:
  ListDecoder(std::shared_ptr<arrow::DataType> type, std::unique_ptr<ColumnDecoder> element)
      : type_(std::move(type)), element_(std::move(element)) {}

  Outcome append(std::string_view bytes) override {
    const auto outcome = append_elements(bytes);
    if (outcome != Outcome::ok) element_->truncate(ends_.empty() ? 0 : ends_.back());
    if (outcome == Outcome::ok) ends_.push_back(elements_);
    elements_ = ends_.empty() ? 0 : ends_.back();
    return outcome;
  }
  void append_null() override {
    nulls_.add(static_cast<int64_t>(ends_.size()));
    ends_.push_back(elements_);
  }
  void truncate(int64_t rows) override {
    nulls_.truncate(rows);
    ends_.resize(static_cast<size_t>(rows));
    elements_ = ends_.empty() ? 0 : ends_.back();
    element_->truncate(elements_);
  }
  Result<std::shared_ptr<arrow::Array>> finish() override {
    const auto rows = static_cast<int64_t>(ends_.size());
    const int64_t nulls = nulls_.count();
    arrow::TypedBufferBuilder<int32_t> offsets;
    must(offsets.Append(0));
    if (rows > 0) must(offsets.Append(ends_.data(), rows));
    ends_.clear();
    elements_ = 0;
    MS_ASSIGN(auto bitmap, nulls_.finish(rows));
    MS_ASSIGN(auto starts, from_arrow(offsets.Finish()));
    MS_ASSIGN(const auto elements, element_->finish());
    return arrow::MakeArray(
        arrow::ArrayData::Make(type_, rows, {std::move(bitmap), std::move(starts)}, {elements->data()}, nulls));
  }

 private:
  Outcome append_elements(std::string_view bytes) {
    constexpr size_t kHeader = 12;
    if (bytes.size() < kHeader) return Outcome::malformed;
    const auto dimensions = from_wire<int32_t>(bytes);
    if (dimensions == 0) return Outcome::ok;
    if (dimensions != 1) return Outcome::array_shape;
    if (bytes.size() < kHeader + 8) return Outcome::malformed;
    const auto count = from_wire<int32_t>(bytes.data() + kHeader);
    // Positions that do not start at 1 have no place in a list.
    if (from_wire<int32_t>(bytes.data() + kHeader + 4) != 1) return Outcome::array_shape;
    bytes.remove_prefix(kHeader + 8);
    for (int32_t i = 0; i < count; ++i)
      if (const auto outcome = append_element(bytes); outcome != Outcome::ok) return outcome;
    return bytes.empty() ? Outcome::ok : Outcome::malformed;
  }

  Outcome append_element(std::string_view& bytes) {
    if (bytes.size() < 4) return Outcome::malformed;
    const auto size = from_wire<int32_t>(bytes);
    bytes.remove_prefix(4);
    if (size < 0) {
      element_->append_null();
    } else {
      if (static_cast<size_t>(size) > bytes.size()) return Outcome::malformed;
      const auto outcome = element_->append(bytes.substr(0, static_cast<size_t>(size)));
      if (outcome != Outcome::ok) return outcome;
      bytes.remove_prefix(static_cast<size_t>(size));
    }
    ++elements_;
    return Outcome::ok;
  }

  std::shared_ptr<arrow::DataType> type_;
  std::unique_ptr<ColumnDecoder> element_;
  std::vector<int32_t> ends_;
  int32_t elements_ = 0;
  Nulls nulls_;
};

}  // namespace

std::string_view code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::infinite: return "infinite_value";
    case Outcome::out_of_range: return "out_of_range";
    case Outcome::not_a_number: return "not_a_number";
    case Outcome::decimal_overflow: return "decimal_overflow";
    case Outcome::invalid_utf8: return "invalid_utf8";
    case Outcome::array_shape: return "array_shape";
    case Outcome::malformed: return "malformed";
  }
  return "";
}

std::string_view reason_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "";
    case Outcome::infinite: return "an infinite date or time; option infinity says what else to do with it";
    case Outcome::out_of_range: return "the value is beyond the range of the column's type";
    case Outcome::not_a_number: return "NaN or infinity in a decimal column; read it as text with option numeric";
    case Outcome::decimal_overflow: return "more digits than the decimal type holds; see option numeric";
    case Outcome::invalid_utf8: return "text that is not UTF-8, in a database without an encoding";
    case Outcome::array_shape: return "an array of several dimensions, or not starting at 1; see option arrays";
    case Outcome::malformed: return "the bytes are not of the column's type";
  }
  return "";
}

std::unique_ptr<ColumnDecoder> ColumnDecoder::make(const ReadType& type, const DecodeOptions& options) {
  const auto& arrow = type.arrow;
  switch (type.wire) {
    case Wire::boolean: return std::make_unique<BoolDecoder>();
    case Wire::int16: return std::make_unique<NumberDecoder<int16_t>>(arrow);
    case Wire::int32: return std::make_unique<NumberDecoder<int32_t>>(arrow);
    case Wire::int64: return std::make_unique<NumberDecoder<int64_t>>(arrow);
    case Wire::oid: return std::make_unique<NumberDecoder<uint32_t, int64_t>>(arrow);
    // Floats are carried as their bits.
    case Wire::float32: return std::make_unique<NumberDecoder<uint32_t>>(arrow);
    case Wire::float64: return std::make_unique<NumberDecoder<uint64_t>>(arrow);
    case Wire::decimal: return std::make_unique<DecimalDecoder>(arrow);
    case Wire::numeric_text: return std::make_unique<NumericTextDecoder>(arrow, false);
    case Wire::text: return std::make_unique<TextDecoder>(arrow, options.check_utf8);
    case Wire::binary: return std::make_unique<TextDecoder>(arrow, false);
    case Wire::date: return std::make_unique<CalendarDecoder<DateScale>>(arrow, options.infinity);
    case Wire::time: return std::make_unique<TimeDecoder>(arrow);
    case Wire::timestamp: return std::make_unique<CalendarDecoder<TimestampScale>>(arrow, options.infinity);
    case Wire::interval: return std::make_unique<IntervalDecoder>(arrow);
    case Wire::uuid: return std::make_unique<UuidDecoder>(arrow, false);
    case Wire::jsonb: return std::make_unique<JsonbDecoder>(arrow, options.check_utf8);
    case Wire::list: return std::make_unique<ListDecoder>(arrow, make(*type.element, options));
  }
  return nullptr;
}

std::string printed_value(const ReadType& type, std::string_view bytes) {
  if (type.wire == Wire::text) return std::string(bytes);
  if (type.wire == Wire::jsonb && !bytes.empty()) return std::string(bytes.substr(1));
  if (type.wire == Wire::decimal || type.wire == Wire::numeric_text) {
    std::string text;
    if (const auto numeric = Numeric::parse(bytes)) append_text(*numeric, text);
    return text;
  }
  const auto decoder = ColumnDecoder::make(type, {});
  if (type.wire != Wire::list && type.wire != Wire::binary && decoder->append(bytes) == Outcome::ok) {
    if (const auto array = decoder->finish()) {
      const auto scalar = (*array)->GetScalar(0);
      if (scalar.ok()) return (*scalar)->ToString();
    }
  }
  if (type.wire == Wire::date || type.wire == Wire::timestamp) {
    if (bytes.starts_with('\x7F') && bytes.find_first_not_of('\xFF', 1) == std::string_view::npos) return "infinity";
    if (bytes.starts_with('\x80') && bytes.find_first_not_of('\0', 1) == std::string_view::npos) return "-infinity";
  }
  std::string text = "\\x";
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace mainstem::connectors::postgres
