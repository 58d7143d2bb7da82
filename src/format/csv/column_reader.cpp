#include "format/csv/column_reader.h"

#include <arrow/api.h>
#include <cstring>
#include <fmt/format.h>

#include "columnar/status.h"
#include "columnar/type_name.h"
#include "format/csv/binary_text.h"
#include "format/csv/encoding.h"
#include "format/csv/field_parsers.h"

namespace mainstem::format::csv {
namespace {

using ArrayResult = Result<std::shared_ptr<arrow::Array>>;
using BufferPointer = std::shared_ptr<arrow::Buffer>;

void add_bad(std::vector<BadField>& bad, size_t row, std::string_view code, std::string_view text,
             const arrow::DataType& type) {
  constexpr size_t most = 60;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto shown = printable({bytes, text.size()}, most) + (text.size() > most ? "..." : "");
  bad.push_back({.row = row,
                 .code = std::string(code),
                 .reason = fmt::format("'{}' is no {}", shown, columnar::type_name(type))});
}

/// The validity of rows; takes memory only once a null is met.
class Validity {
 public:
  explicit Validity(size_t rows) : rows_(rows) {}

  Result<void> set_null(size_t row) {
    if (bits_ == nullptr) {
      MS_ASSIGN(bits_, columnar::from_arrow(arrow::AllocateBuffer(static_cast<int64_t>((rows_ + 7) / 8))));
      std::memset(bits_->mutable_data(), 0xff, static_cast<size_t>(bits_->size()));
    }
    bits_->mutable_data()[row / 8] &= static_cast<uint8_t>(~(1u << (row % 8)));
    ++nulls_;
    return {};
  }
  BufferPointer buffer() const { return bits_; }
  int64_t nulls() const { return nulls_; }

 private:
  size_t rows_;
  BufferPointer bits_;
  int64_t nulls_ = 0;
};

ArrayResult finish(const std::shared_ptr<arrow::DataType>& type, size_t rows, const Validity& validity,
                   std::vector<BufferPointer> buffers) {
  buffers.insert(buffers.begin(), validity.buffer());
  return arrow::MakeArray(
      arrow::ArrayData::Make(type, static_cast<int64_t>(rows), std::move(buffers), validity.nulls()));
}

template <class Parser>
class FixedReader final : public ColumnReader {
 public:
  FixedReader(std::shared_ptr<arrow::DataType> type, Parser parser)
      : type_(std::move(type)), parser_(std::move(parser)) {}

  ArrayResult read(Cells& cells, std::vector<BadField>& bad) override {
    using Value = typename Parser::Value;
    const size_t rows = cells.rows();
    MS_ASSIGN(BufferPointer values,
              columnar::from_arrow(arrow::AllocateBuffer(static_cast<int64_t>(rows * sizeof(Value)))));
    auto* out = reinterpret_cast<Value*>(values->mutable_data());
    Validity validity(rows);
    for (size_t row = 0; row < rows; ++row) {
      std::string_view text;
      if (!cells.value(row, text)) {
        out[row] = Value{};
        MS_TRY(validity.set_null(row));
      } else if (!parser_(text, out[row])) {
        out[row] = Value{};
        add_bad(bad, row, Parser::kCode, text, *type_);
      }
    }
    return finish(type_, rows, validity, {std::move(values)});
  }

 private:
  std::shared_ptr<arrow::DataType> type_;
  Parser parser_;
};

class TextReader final : public ColumnReader {
 public:
  ArrayResult read(Cells& cells, std::vector<BadField>&) override {
    const size_t rows = cells.rows();
    // Quotes and escapes only make a value shorter. The slack lets short values be copied 16 bytes at a time.
    size_t bytes = kSlack;
    for (size_t row = 0; row < rows; ++row) bytes += cells.raw(row).size();
    MS_ASSIGN(auto data, columnar::from_arrow(arrow::AllocateResizableBuffer(static_cast<int64_t>(bytes))));
    MS_ASSIGN(BufferPointer offsets,
              columnar::from_arrow(arrow::AllocateBuffer(static_cast<int64_t>((rows + 1) * sizeof(int32_t)))));
    auto* ends = reinterpret_cast<int32_t*>(offsets->mutable_data());
    uint8_t* begin = data->mutable_data();
    uint8_t* out = begin;
    Validity validity(rows);
    ends[0] = 0;
    for (size_t row = 0; row < rows; ++row) {
      std::string_view text;
      if (cells.value(row, text)) {
        std::memcpy(out, text.data(), text.size());
        out += text.size();
      } else {
        MS_TRY(validity.set_null(row));
      }
      ends[row + 1] = static_cast<int32_t>(out - begin);
    }
    MS_TRY(columnar::from_arrow(data->Resize(out - begin, false)));
    return finish(arrow::utf8(), rows, validity, {std::move(offsets), BufferPointer(std::move(data))});
  }

 private:
  static constexpr size_t kSlack = 16;
};

/// Types that are rare in text: through Arrow's builders, `append` reads one value.
template <class Builder, class Append>
class BuilderReader final : public ColumnReader {
 public:
  BuilderReader(std::shared_ptr<arrow::DataType> type, std::string code, Append append)
      : type_(std::move(type)), code_(std::move(code)), append_(std::move(append)) {}

  ArrayResult read(Cells& cells, std::vector<BadField>& bad) override {
    MS_ASSIGN(auto made, columnar::from_arrow(arrow::MakeBuilder(type_)));
    auto& builder = static_cast<Builder&>(*made);
    for (size_t row = 0; row < cells.rows(); ++row) {
      std::string_view text;
      if (!cells.value(row, text)) {
        MS_TRY(columnar::from_arrow(builder.AppendNull()));
        continue;
      }
      MS_ASSIGN(const bool good, append_(text, builder));
      if (good) continue;
      add_bad(bad, row, code_, text, *type_);
      MS_TRY(columnar::from_arrow(builder.AppendNull()));
    }
    return columnar::from_arrow(builder.Finish());
  }

 private:
  std::shared_ptr<arrow::DataType> type_;
  std::string code_;
  Append append_;
};

using Made = Result<std::unique_ptr<ColumnReader>>;

template <class Parser>
Made fixed(const std::shared_ptr<arrow::DataType>& type, Parser parser) {
  return std::unique_ptr<ColumnReader>(std::make_unique<FixedReader<Parser>>(type, std::move(parser)));
}

template <class Builder, class Append>
Made built(const std::shared_ptr<arrow::DataType>& type, std::string code, Append append) {
  return std::unique_ptr<ColumnReader>(
      std::make_unique<BuilderReader<Builder, Append>>(type, std::move(code), std::move(append)));
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

template <class Builder>
Made plain_text(const std::shared_ptr<arrow::DataType>& type) {
  return built<Builder>(type, "invalid_text", [](std::string_view text, Builder& builder) -> Result<bool> {
    MS_TRY(columnar::from_arrow(builder.Append(text)));
    return true;
  });
}

template <class Builder>
Made binary(const std::shared_ptr<arrow::DataType>& type, BinaryForm form, int32_t width = -1) {
  return built<Builder>(type, "invalid_binary", [form, width](std::string_view text, Builder& builder) -> Result<bool> {
    std::string bytes;
    if (!decode_binary(text, form, bytes)) return false;
    if (width >= 0 && bytes.size() != static_cast<size_t>(width)) return false;
    MS_TRY(columnar::from_arrow(builder.Append(bytes)));
    return true;
  });
}

Made boolean(const std::shared_ptr<arrow::DataType>& type, const TypeRules& rules) {
  return built<arrow::BooleanBuilder>(type, "invalid_boolean",
                                      [rules](std::string_view text, arrow::BooleanBuilder& builder) -> Result<bool> {
                                        const bool yes = is_one_of(text, rules.true_values);
                                        if (!yes && !is_one_of(text, rules.false_values)) return false;
                                        MS_TRY(columnar::from_arrow(builder.Append(yes)));
                                        return true;
                                      });
}

Made decimal256(const std::shared_ptr<arrow::DataType>& type, const TypeRules& rules) {
  const auto& decimal = static_cast<const arrow::DecimalType&>(*type);
  const int precision = decimal.precision();
  const int scale = decimal.scale();
  const char separator = rules.decimal_separator;
  const char group = rules.thousands_separator;
  return built<arrow::Decimal256Builder>(
      type, "invalid_decimal", [=](std::string_view text, arrow::Decimal256Builder& builder) -> Result<bool> {
        PlainNumber ungrouped;
        const auto number = group == '\0' ? std::optional(text) : without_groups(text, group, separator, ungrouped);
        if (!number) return false;
        std::string plain(*number);
        if (plain.find_first_not_of(std::string("-0123456789") + separator) != std::string::npos) return false;
        for (char& c : plain) c = c == separator ? '.' : c;
        arrow::Decimal256 value;
        int32_t found_precision = 0;
        int32_t found_scale = 0;
        if (!arrow::Decimal256::FromString(plain, &value, &found_precision, &found_scale).ok()) return false;
        const auto scaled = value.Rescale(found_scale, scale);
        if (!scaled.ok() || !scaled->FitsInPrecision(precision)) return false;
        MS_TRY(columnar::from_arrow(builder.Append(*scaled)));
        return true;
      });
}

template <class Parser>
Made number(const std::shared_ptr<arrow::DataType>& type, const TypeRules& rules, Parser parser) {
  if (rules.thousands_separator == '\0') return fixed(type, parser);
  return fixed(type, GroupedParser<Parser>{
                         .parser = parser, .group = rules.thousands_separator, .decimal = rules.decimal_separator});
}

template <class T>
Made decimal(const std::shared_ptr<arrow::DataType>& type, const TypeRules& rules) {
  const auto& shape = static_cast<const arrow::DecimalType&>(*type);
  if (shape.scale() < 0 || shape.scale() > shape.precision())
    return Error(ErrorCode::unsupported, "a CSV column cannot be read as " + columnar::type_name(*type));
  return number(
      type, rules,
      DecimalParser<T>{.separator = rules.decimal_separator, .precision = shape.precision(), .scale = shape.scale()});
}

Made number_reader(const std::shared_ptr<arrow::DataType>& type, const TypeRules& rules) {
  using arrow::Type;
  const char separator = rules.decimal_separator;
  switch (type->id()) {
    case Type::INT8: return number(type, rules, IntegerParser<int8_t>{});
    case Type::INT16: return number(type, rules, IntegerParser<int16_t>{});
    case Type::INT32: return number(type, rules, IntegerParser<int32_t>{});
    case Type::DURATION:
    case Type::INT64: return number(type, rules, IntegerParser<int64_t>{});
    case Type::UINT8: return number(type, rules, IntegerParser<uint8_t>{});
    case Type::UINT16: return number(type, rules, IntegerParser<uint16_t>{});
    case Type::UINT32: return number(type, rules, IntegerParser<uint32_t>{});
    case Type::UINT64: return number(type, rules, IntegerParser<uint64_t>{});
    case Type::HALF_FLOAT: return number(type, rules, HalfParser{separator});
    case Type::FLOAT: return number(type, rules, RealParser<float>{separator});
    case Type::DOUBLE: return number(type, rules, RealParser<double>{separator});
    case Type::DECIMAL32: return decimal<int32_t>(type, rules);
    case Type::DECIMAL64: return decimal<int64_t>(type, rules);
    case Type::DECIMAL128: return decimal<Int128>(type, rules);
    case Type::DECIMAL256: return decimal256(type, rules);
    default: return Error(ErrorCode::unsupported, "a CSV column cannot be read as " + columnar::type_name(*type));
  }
}

}  // namespace

Result<std::unique_ptr<ColumnReader>> make_column_reader(const std::shared_ptr<arrow::DataType>& type,
                                                         const TypeRules& rules, BinaryForm form) {
  using arrow::Type;
  switch (type->id()) {
    case Type::STRING: return std::unique_ptr<ColumnReader>(std::make_unique<TextReader>());
    case Type::LARGE_STRING: return plain_text<arrow::LargeStringBuilder>(type);
    case Type::STRING_VIEW: return plain_text<arrow::StringViewBuilder>(type);
    case Type::BINARY: return binary<arrow::BinaryBuilder>(type, form);
    case Type::LARGE_BINARY: return binary<arrow::LargeBinaryBuilder>(type, form);
    case Type::BINARY_VIEW: return binary<arrow::BinaryViewBuilder>(type, form);
    case Type::FIXED_SIZE_BINARY:
      return binary<arrow::FixedSizeBinaryBuilder>(type, form,
                                                   static_cast<const arrow::FixedSizeBinaryType&>(*type).byte_width());
    case Type::BOOL: return boolean(type, rules);
    case Type::NA:
      return built<arrow::NullBuilder>(type, "invalid_null",
                                       [](std::string_view, arrow::NullBuilder&) -> Result<bool> { return false; });
    case Type::DATE32: return fixed(type, Date32Parser{{rules.date_format}});
    case Type::DATE64: return fixed(type, Date64Parser{{rules.date_format}});
    case Type::TIME32:
      return fixed(type, TimeParser<int32_t>{units_per_second(static_cast<const arrow::TimeType&>(*type).unit())});
    case Type::TIME64:
      return fixed(type, TimeParser<int64_t>{units_per_second(static_cast<const arrow::TimeType&>(*type).unit())});
    case Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
      return fixed(type, TimestampParser{.per_second = units_per_second(timestamp.unit()),
                                         .zoned = !timestamp.timezone().empty(),
                                         .format = rules.timestamp_format});
    }
    default: return number_reader(type, rules);
  }
}

}  // namespace mainstem::format::csv
