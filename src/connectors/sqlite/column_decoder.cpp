#include "connectors/sqlite/column_decoder.h"

#include <array>
#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>

#include "base/json.h"
#include "base/utf8.h"
#include "columnar/status.h"
#include "columnar/type_name.h"
#include "connectors/sqlite/temporal.h"

namespace mainstem::connectors::sqlite {
namespace {

using mainstem::sqlite::Statement;
using mainstem::sqlite::ValueType;
using TypePointer = std::shared_ptr<arrow::DataType>;

constexpr int64_t kMisfit = -1;

std::unique_ptr<arrow::ArrayBuilder> builder_of(const TypePointer& type) {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  // Fails for types without a builder only, of which none has a decoder.
  static_cast<void>(arrow::MakeBuilder(arrow::default_memory_pool(), type, &builder));
  return builder;
}

// What all decoders share: a builder and the first failure of it.
template <class Builder>
class BuilderDecoder : public ColumnDecoder {
 public:
  BuilderDecoder(const TypePointer& type, const char* code)
      : builder_(builder_of(type)), typed_(static_cast<Builder*>(builder_.get())), code_(code) {}

  Result<std::shared_ptr<arrow::Array>> finish() override {
    MS_TRY(columnar::from_arrow(status_, "filling a column"));
    return columnar::from_arrow(builder_->Finish(), "filling a column");
  }
  const char* code() const override { return code_; }

 protected:
  int64_t keep(const arrow::Status& status, int64_t bytes) {
    if (!status.ok() && status_.ok()) status_ = status;
    return bytes;
  }
  int64_t append_null(int64_t result = 0) { return keep(typed_->AppendNull(), result); }
  template <class Value>
  int64_t append_value(const Value& value, int64_t bytes = sizeof(int64_t)) {
    return keep(typed_->Append(value), bytes);
  }
  template <class Value>
  int64_t append_maybe(const std::optional<Value>& value) {
    return value ? append_value(*value) : append_null(kMisfit);
  }

 private:
  std::unique_ptr<arrow::ArrayBuilder> builder_;
  Builder* typed_;
  const char* code_;
  arrow::Status status_;
};

// Whole numbers of up to 64 bits, and durations.
template <class Builder>
class IntegerDecoder final : public BuilderDecoder<Builder> {
 public:
  using Value = typename Builder::value_type;
  explicit IntegerDecoder(const TypePointer& type) : BuilderDecoder<Builder>(type, "invalid_integer") {}

  int64_t append(const Statement& row, int column) override {
    switch (row.type(column)) {
      case ValueType::integer: {
        const int64_t value = row.integer(column);
        if (!std::in_range<Value>(value)) return this->append_null(kMisfit);
        return this->append_value(static_cast<Value>(value));
      }
      case ValueType::null: return this->append_null();
      case ValueType::text: return this->append_maybe(from_text(row.text(column)));
      default: return this->append_null(kMisfit);
    }
  }

 private:
  // Only numbers that no integer of SQLite can hold are written as text.
  static std::optional<Value> from_text(std::string_view text) {
    if constexpr (!std::is_same_v<Value, uint64_t>) return std::nullopt;
    Value value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
  }
};

template <class Builder>
class RealDecoder final : public BuilderDecoder<Builder> {
 public:
  using Value = typename Builder::value_type;
  explicit RealDecoder(const TypePointer& type) : BuilderDecoder<Builder>(type, "invalid_number") {}

  int64_t append(const Statement& row, int column) override {
    switch (row.type(column)) {
      case ValueType::real: return append_exact(row.real(column));
      case ValueType::integer: {
        const int64_t value = row.integer(column);
        if (value > kLargestExact || value < -kLargestExact) return this->append_null(kMisfit);
        return append_exact(static_cast<double>(value));
      }
      case ValueType::null: return this->append_null();
      default: return this->append_null(kMisfit);
    }
  }

 private:
  static constexpr int64_t kLargestExact = int64_t{1} << 53;

  int64_t append_exact(double value) {
    const auto narrow = static_cast<Value>(value);
    if (static_cast<double>(narrow) != value) return this->append_null(kMisfit);
    return this->append_value(narrow);
  }
};

class BooleanDecoder final : public BuilderDecoder<arrow::BooleanBuilder> {
 public:
  explicit BooleanDecoder(const TypePointer& type) : BuilderDecoder(type, "invalid_boolean") {}

  int64_t append(const Statement& row, int column) override {
    switch (row.type(column)) {
      case ValueType::integer: {
        const int64_t value = row.integer(column);
        return value == 0 || value == 1 ? append_value(value == 1) : append_null(kMisfit);
      }
      case ValueType::text: return append_maybe(from_text(row.text(column)));
      case ValueType::null: return append_null();
      default: return append_null(kMisfit);
    }
  }

 private:
  static std::optional<bool> from_text(std::string_view text) {
    for (const char* word : {"true", "TRUE", "True"})
      if (text == word) return true;
    for (const char* word : {"false", "FALSE", "False"})
      if (text == word) return false;
    return std::nullopt;
  }
};

template <class Builder>
class TextDecoder final : public BuilderDecoder<Builder> {
 public:
  explicit TextDecoder(const TypePointer& type) : BuilderDecoder<Builder>(type, "invalid_text") {}

  int64_t append(const Statement& row, int column) override {
    switch (row.type(column)) {
      case ValueType::text: {
        const auto text = row.text(column);
        if (!is_utf8(text)) return this->append_null(kMisfit);
        return this->append_value(text, static_cast<int64_t>(text.size()) + 4);
      }
      case ValueType::integer: return this->append_value(std::to_string(row.integer(column)));
      case ValueType::real: return this->append_value(shortest(row.real(column)));
      case ValueType::null: return this->append_null();
      case ValueType::blob: break;
    }
    return this->append_null(kMisfit);
  }

 private:
  static std::string shortest(double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
  }
};

template <class Builder>
class BlobDecoder final : public BuilderDecoder<Builder> {
 public:
  explicit BlobDecoder(const TypePointer& type)
      : BuilderDecoder<Builder>(type, "invalid_binary"),
        width_(type->id() == arrow::Type::FIXED_SIZE_BINARY ? type->byte_width() : -1) {}

  int64_t append(const Statement& row, int column) override {
    const auto type = row.type(column);
    if (type == ValueType::null) return this->append_null();
    if (type != ValueType::blob) return this->append_null(kMisfit);
    const auto bytes = row.blob(column);
    if (width_ >= 0 && std::ssize(bytes) != width_) return this->append_null(kMisfit);
    return this->append_value(bytes, static_cast<int64_t>(bytes.size()) + 4);
  }

 private:
  int64_t width_;
};

// Texts in ISO form: dates, timestamps, times.
template <class Builder, class Parse>
class TemporalDecoder final : public BuilderDecoder<Builder> {
 public:
  TemporalDecoder(const TypePointer& type, const char* code, Parse parse)
      : BuilderDecoder<Builder>(type, code), parse_(std::move(parse)) {}

  int64_t append(const Statement& row, int column) override {
    const auto type = row.type(column);
    if (type == ValueType::null) return this->append_null();
    if (type != ValueType::text) return this->append_null(kMisfit);
    const auto ticks = parse_(row.text(column));
    using Value = typename Builder::value_type;
    return ticks ? this->append_value(static_cast<Value>(*ticks)) : this->append_null(kMisfit);
  }

 private:
  Parse parse_;
};

template <class Builder, class Parse>
std::unique_ptr<ColumnDecoder> temporal(const TypePointer& type, const char* code, Parse parse) {
  return std::make_unique<TemporalDecoder<Builder, Parse>>(type, code, std::move(parse));
}

template <class Builder, class Decimal>
class DecimalDecoder final : public BuilderDecoder<Builder> {
 public:
  explicit DecimalDecoder(const TypePointer& type)
      : BuilderDecoder<Builder>(type, "invalid_decimal"),
        precision_(static_cast<const arrow::DecimalType&>(*type).precision()),
        scale_(static_cast<const arrow::DecimalType&>(*type).scale()) {}

  int64_t append(const Statement& row, int column) override {
    switch (row.type(column)) {
      case ValueType::null: return this->append_null();
      case ValueType::integer: return this->append_maybe(fitted(Decimal(row.integer(column)), 0));
      case ValueType::text: return this->append_maybe(parsed(row.text(column)));
      // Fifteen digits are what survives of a decimal in a double; the rest is noise of binary fractions.
      case ValueType::real: return this->append_maybe(parsed(fmt::format("{:.15g}", row.real(column))));
      case ValueType::blob: break;
    }
    return this->append_null(kMisfit);
  }

 private:
  std::optional<Decimal> parsed(std::string_view text) const {
    Decimal value;
    int32_t precision = 0;
    int32_t scale = 0;
    if (!Decimal::FromString(text, &value, &precision, &scale).ok()) return std::nullopt;
    return fitted(value, scale);
  }
  std::optional<Decimal> fitted(const Decimal& value, int32_t scale) const {
    const auto scaled = scale == scale_ ? arrow::Result<Decimal>(value) : value.Rescale(scale, scale_);
    if (!scaled.ok() || !scaled->FitsInPrecision(precision_)) return std::nullopt;
    return *scaled;
  }

  int32_t precision_;
  int32_t scale_;
};

std::unique_ptr<ColumnDecoder> temporal_decoder(const TypePointer& type) {
  switch (type->id()) {
    case arrow::Type::DATE32: return temporal<arrow::Date32Builder>(type, "invalid_date", parse_date);
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
      return temporal<arrow::TimestampBuilder>(
          type, "invalid_timestamp", [unit = timestamp.unit(), zone = !timestamp.timezone().empty()](auto text) {
            return parse_timestamp(text, unit, zone);
          });
    }
    default: break;
  }
  const auto unit = static_cast<const arrow::TimeType&>(*type).unit();
  const auto parse = [unit](std::string_view text) { return parse_time(text, unit); };
  if (type->id() == arrow::Type::TIME32) return temporal<arrow::Time32Builder>(type, "invalid_time", parse);
  return temporal<arrow::Time64Builder>(type, "invalid_time", parse);
}

template <class Decoder>
std::unique_ptr<ColumnDecoder> make(const TypePointer& type) {
  return std::make_unique<Decoder>(type);
}

}  // namespace

Result<std::unique_ptr<ColumnDecoder>> make_decoder(const TypePointer& type) {
  switch (type->id()) {
    case arrow::Type::BOOL: return make<BooleanDecoder>(type);
    case arrow::Type::INT8: return make<IntegerDecoder<arrow::Int8Builder>>(type);
    case arrow::Type::INT16: return make<IntegerDecoder<arrow::Int16Builder>>(type);
    case arrow::Type::INT32: return make<IntegerDecoder<arrow::Int32Builder>>(type);
    case arrow::Type::INT64: return make<IntegerDecoder<arrow::Int64Builder>>(type);
    case arrow::Type::UINT8: return make<IntegerDecoder<arrow::UInt8Builder>>(type);
    case arrow::Type::UINT16: return make<IntegerDecoder<arrow::UInt16Builder>>(type);
    case arrow::Type::UINT32: return make<IntegerDecoder<arrow::UInt32Builder>>(type);
    case arrow::Type::UINT64: return make<IntegerDecoder<arrow::UInt64Builder>>(type);
    case arrow::Type::DURATION: return make<IntegerDecoder<arrow::DurationBuilder>>(type);
    case arrow::Type::FLOAT: return make<RealDecoder<arrow::FloatBuilder>>(type);
    case arrow::Type::DOUBLE: return make<RealDecoder<arrow::DoubleBuilder>>(type);
    case arrow::Type::STRING: return make<TextDecoder<arrow::StringBuilder>>(type);
    case arrow::Type::LARGE_STRING: return make<TextDecoder<arrow::LargeStringBuilder>>(type);
    case arrow::Type::BINARY: return make<BlobDecoder<arrow::BinaryBuilder>>(type);
    case arrow::Type::LARGE_BINARY: return make<BlobDecoder<arrow::LargeBinaryBuilder>>(type);
    case arrow::Type::FIXED_SIZE_BINARY: return make<BlobDecoder<arrow::FixedSizeBinaryBuilder>>(type);
    case arrow::Type::DECIMAL128: return make<DecimalDecoder<arrow::Decimal128Builder, arrow::Decimal128>>(type);
    case arrow::Type::DECIMAL256: return make<DecimalDecoder<arrow::Decimal256Builder, arrow::Decimal256>>(type);
    case arrow::Type::DATE32:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::TIME32:
    case arrow::Type::TIME64: return temporal_decoder(type);
    default: break;
  }
  return Error(ErrorCode::unsupported, "columns of a SQLite database cannot be read as " + columnar::type_name(*type));
}

std::string row_as_json(const Statement& row, int first, const std::vector<std::string>& names) {
  JsonWriter json;
  json.begin_object();
  for (size_t i = 0; i < names.size(); ++i) {
    const int column = first + static_cast<int>(i);
    json.key(names[i]);
    switch (row.type(column)) {
      case ValueType::integer: json.value(row.integer(column)); break;
      case ValueType::real: json.value(row.real(column)); break;
      case ValueType::text: json.value(row.text(column)); break;
      case ValueType::blob: {
        std::string digits;
        for (const char byte : row.blob(column)) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
        json.value(digits);
        break;
      }
      case ValueType::null: json.null(); break;
    }
  }
  return json.end_object().take();
}

}  // namespace mainstem::connectors::sqlite
