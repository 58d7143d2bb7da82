#include "connector/testkit/random_table.h"

#include <array>
#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "columnar/status.h"

namespace mainstem::connector::testkit {
namespace {

using columnar::from_arrow;

// The standard library's distributions differ from one to another; a remainder does not.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  uint64_t bits() { return engine_(); }
  uint64_t below(uint64_t end) { return engine_() % end; }
  bool one_in(uint64_t times) { return below(times) == 0; }
  int64_t between(int64_t low, int64_t high) {
    const auto span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
    const auto step = span == std::numeric_limits<uint64_t>::max() ? bits() : below(span + 1);
    return static_cast<int64_t>(static_cast<uint64_t>(low) + step);
  }

 private:
  std::mt19937_64 engine_;
};

int64_t any_between(Dice& dice, int64_t low, int64_t high) {
  switch (dice.below(6)) {
    case 0: return low;
    case 1: return high;
    case 2: return low <= 0 && high >= 0 ? 0 : low;
    case 3: return std::clamp<int64_t>(dice.between(-100, 100), low, high);
    default: return dice.between(low, high);
  }
}

template <class Builder, class Value>
Result<std::shared_ptr<arrow::Array>> build(Builder& builder, int64_t rows, Dice& dice, Value value) {
  for (int64_t row = 0; row < rows; ++row)
    MS_TRY(from_arrow(dice.one_in(5) ? builder.AppendNull() : builder.Append(value()), "drawing values"));
  return from_arrow(builder.Finish(), "drawing values");
}

template <class Type>
Result<std::shared_ptr<arrow::Array>> integers(const std::shared_ptr<arrow::DataType>& type, int64_t rows, Dice& dice,
                                               std::pair<int64_t, int64_t> range) {
  arrow::NumericBuilder<Type> builder(type, arrow::default_memory_pool());
  return build(builder, rows, dice,
               [&] { return static_cast<typename Type::c_type>(any_between(dice, range.first, range.second)); });
}

template <class Type>
Result<std::shared_ptr<arrow::Array>> all_integers(int64_t rows, Dice& dice) {
  using Limits = std::numeric_limits<typename Type::c_type>;
  return integers<Type>(arrow::TypeTraits<Type>::type_singleton(), rows, dice, {Limits::min(), Limits::max()});
}

Result<std::shared_ptr<arrow::Array>> unsigned_longs(int64_t rows, Dice& dice) {
  arrow::UInt64Builder builder;
  return build(builder, rows, dice, [&] {
    const std::array<uint64_t, 4> picks = {0, std::numeric_limits<uint64_t>::max(), uint64_t{1} << 63, dice.bits()};
    return picks[dice.below(picks.size())];
  });
}

template <class Type>
Result<std::shared_ptr<arrow::Array>> floats(int64_t rows, Dice& dice, const ValueLimits& limits) {
  using Value = typename Type::c_type;
  using Limits = std::numeric_limits<Value>;
  std::vector<Value> picks = {0,
                              1,
                              Value(-0.1),
                              Value(1) / 3,
                              Limits::max(),
                              Limits::lowest(),
                              Limits::min(),
                              Limits::denorm_min(),
                              1 + Limits::epsilon()};
  if (limits.not_a_number) picks.insert(picks.end(), {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()});
  arrow::NumericBuilder<Type> builder;
  return build(builder, rows, dice, [&] {
    if (dice.one_in(2)) return picks[dice.below(picks.size())];
    const auto whole = static_cast<double>(dice.between(-(int64_t{1} << 53), int64_t{1} << 53));
    return static_cast<Value>(std::ldexp(whole, static_cast<int>(dice.between(-80, 20))));
  });
}

std::string any_text(Dice& dice, const ValueLimits& limits) {
  static const std::vector<std::string> whole = {"",
                                                 " ",
                                                 "NULL",
                                                 "null",
                                                 "007",
                                                 "1e5",
                                                 "true",
                                                 "\\N",
                                                 "'; DROP TABLE t; --",
                                                 "2026-01-01",
                                                 "a,b",
                                                 "\"",
                                                 "a\nb",
                                                 "a\r\nb",
                                                 "\t",
                                                 "\\",
                                                 "ä",
                                                 "日本語",
                                                 "👩‍👩‍👧‍👦",
                                                 "e\xCC\x81",
                                                 "x=1&y=2",
                                                 "%2F",
                                                 "\xEF\xBB\xBF",
                                                 "-",
                                                 "NaN"};
  static const std::vector<std::string> parts = {"a",  "Z",  "0", " ", ",", ";", "\"", "'",
                                                 "\\", "\n", "|", "é", "ß", "€", "𝄞"};
  if (dice.one_in(3)) return whole[dice.below(whole.size())];
  std::string text;
  const auto length = dice.below(static_cast<uint64_t>(dice.one_in(10) ? limits.longest_text : 12));
  for (uint64_t i = 0; i < length; ++i) text += parts[dice.below(parts.size())];
  if (limits.zero_bytes && dice.one_in(8)) text += std::string("\0x", 2);
  return text;
}

std::string any_bytes(Dice& dice, const ValueLimits& limits) {
  std::string bytes;
  for (auto left = dice.below(20) + (limits.empty_binary ? 0 : 1); left > 0; --left)
    bytes += static_cast<char>(dice.one_in(4) ? 0 : dice.below(256));
  return bytes;
}

template <class Builder, class Value>
Result<std::shared_ptr<arrow::Array>> texts(int64_t rows, Dice& dice, Value value) {
  Builder builder;
  return build(builder, rows, dice, value);
}

Result<std::shared_ptr<arrow::Array>> fixed_bytes(const std::shared_ptr<arrow::DataType>& type, int64_t rows,
                                                  Dice& dice) {
  arrow::FixedSizeBinaryBuilder builder(type);
  const auto width = static_cast<size_t>(static_cast<const arrow::FixedSizeBinaryType&>(*type).byte_width());
  return build(builder, rows, dice, [&] {
    std::string bytes(width, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(dice.below(256));
    return bytes;
  });
}

template <class Type, class Value>
Result<std::shared_ptr<arrow::Array>> decimals(const std::shared_ptr<arrow::DataType>& type, int64_t rows, Dice& dice) {
  typename arrow::TypeTraits<Type>::BuilderType builder(type);
  const auto precision = static_cast<size_t>(static_cast<const arrow::DecimalType&>(*type).precision());
  return build(builder, rows, dice, [&] {
    std::string digits;
    const auto count = dice.one_in(3) ? precision : dice.below(precision) + 1;
    const bool nines = dice.one_in(4);
    for (size_t i = 0; i < count; ++i) digits += static_cast<char>('0' + (nines ? 9 : dice.below(10)));
    return Value((dice.one_in(2) ? "-" : "") + digits);
  });
}

int64_t days_at(int year) { return std::chrono::sys_days{std::chrono::year{year} / 1 / 1}.time_since_epoch().count(); }

int64_t units_a_second(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1;
    case arrow::TimeUnit::MILLI: return 1'000;
    case arrow::TimeUnit::MICRO: return 1'000'000;
    case arrow::TimeUnit::NANO: return 1'000'000'000;
  }
  return 1;
}

Result<std::shared_ptr<arrow::Array>> timestamps(const std::shared_ptr<arrow::DataType>& type, int64_t rows, Dice& dice,
                                                 const ValueLimits& limits) {
  const auto unit = static_cast<const arrow::TimestampType&>(*type).unit();
  constexpr int64_t kSecondsADay = 86'400;
  // Nanoseconds in 64 bits reach from 1677 to 2262.
  const bool fine = unit == arrow::TimeUnit::NANO;
  const int first = fine ? std::max(limits.first_year, 1678) : limits.first_year;
  const int last = fine ? std::min(limits.last_year, 2261) : limits.last_year;
  const int64_t a_day = kSecondsADay * units_a_second(unit);
  return integers<arrow::TimestampType>(type, rows, dice, {days_at(first) * a_day, days_at(last + 1) * a_day - 1});
}

Result<std::shared_ptr<arrow::Array>> times(const std::shared_ptr<arrow::DataType>& type, int64_t rows, Dice& dice,
                                            const ValueLimits& limits) {
  const auto last_moment = [](const auto& time) { return 86'400 * units_a_second(time.unit()) - 1; };
  switch (type->id()) {
    case arrow::Type::DATE32:
      return integers<arrow::Date32Type>(type, rows, dice,
                                         {days_at(limits.first_year), days_at(limits.last_year + 1) - 1});
    case arrow::Type::TIME32:
      return integers<arrow::Time32Type>(type, rows, dice,
                                         {0, last_moment(static_cast<const arrow::TimeType&>(*type))});
    case arrow::Type::TIME64:
      return integers<arrow::Time64Type>(type, rows, dice,
                                         {0, last_moment(static_cast<const arrow::TimeType&>(*type))});
    case arrow::Type::TIMESTAMP: return timestamps(type, rows, dice, limits);
    case arrow::Type::DURATION: {
      constexpr int64_t kMost = 1'000'000'000'000'000;
      return integers<arrow::DurationType>(type, rows, dice, {-kMost, kMost});
    }
    default: return Error(ErrorCode::unsupported, "no random values of type " + type->ToString());
  }
}

Result<std::shared_ptr<arrow::Array>> lists(const std::shared_ptr<arrow::DataType>& type, int64_t rows, Dice& dice,
                                            const ValueLimits& limits) {
  arrow::Int32Builder offsets;
  int32_t at = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const bool null = limits.nested_nulls && dice.one_in(5);
    MS_TRY(from_arrow(null ? offsets.AppendNull() : offsets.Append(at)));
    if (!null) at += static_cast<int32_t>(dice.below(4));
  }
  MS_TRY(from_arrow(offsets.Append(at)));
  MS_ASSIGN(const auto ends, from_arrow(offsets.Finish()));
  const auto& element = static_cast<const arrow::ListType&>(*type).value_type();
  MS_ASSIGN(const auto values, random_array(element, at, dice.bits(), limits));
  MS_ASSIGN(auto list, from_arrow(arrow::ListArray::FromArrays(type, *ends, *values)));
  return std::static_pointer_cast<arrow::Array>(list);
}

Result<std::shared_ptr<arrow::Array>> structs(const std::shared_ptr<arrow::DataType>& type, int64_t rows, Dice& dice,
                                              const ValueLimits& limits) {
  arrow::ArrayVector children;
  for (const auto& field : type->fields()) {
    MS_ASSIGN(auto child, random_array(field->type(), rows, dice.bits(), limits));
    children.push_back(std::move(child));
  }
  return std::static_pointer_cast<arrow::Array>(std::make_shared<arrow::StructArray>(type, rows, children));
}

Result<std::shared_ptr<arrow::Array>> numbers(const std::shared_ptr<arrow::DataType>& type, int64_t rows, Dice& dice,
                                              const ValueLimits& limits) {
  switch (type->id()) {
    case arrow::Type::INT8: return all_integers<arrow::Int8Type>(rows, dice);
    case arrow::Type::INT16: return all_integers<arrow::Int16Type>(rows, dice);
    case arrow::Type::INT32: return all_integers<arrow::Int32Type>(rows, dice);
    case arrow::Type::INT64: return all_integers<arrow::Int64Type>(rows, dice);
    case arrow::Type::UINT8: return all_integers<arrow::UInt8Type>(rows, dice);
    case arrow::Type::UINT16: return all_integers<arrow::UInt16Type>(rows, dice);
    case arrow::Type::UINT32: return all_integers<arrow::UInt32Type>(rows, dice);
    case arrow::Type::UINT64: return unsigned_longs(rows, dice);
    case arrow::Type::FLOAT: return floats<arrow::FloatType>(rows, dice, limits);
    case arrow::Type::DOUBLE: return floats<arrow::DoubleType>(rows, dice, limits);
    case arrow::Type::DECIMAL128: return decimals<arrow::Decimal128Type, arrow::Decimal128>(type, rows, dice);
    case arrow::Type::DECIMAL256: return decimals<arrow::Decimal256Type, arrow::Decimal256>(type, rows, dice);
    default: return times(type, rows, dice, limits);
  }
}

Result<std::shared_ptr<arrow::Array>> without_nulls(const std::shared_ptr<arrow::Field>& field, int64_t rows,
                                                    uint64_t seed, const ValueLimits& limits) {
  // Five times as many are more than enough, and a draw that falls short says so.
  MS_ASSIGN(const auto drawn, random_array(field->type(), 5 * rows + 50, seed, limits));
  arrow::ArrayVector kept;
  for (int64_t i = 0; i < drawn->length() && static_cast<int64_t>(kept.size()) < rows; ++i)
    if (drawn->IsValid(i)) kept.push_back(drawn->Slice(i, 1));
  if (static_cast<int64_t>(kept.size()) < rows)
    return Error(ErrorCode::internal, fmt::format("too few values were drawn for column {}", field->name()));
  if (kept.empty()) return from_arrow(arrow::MakeEmptyArray(field->type()));
  return from_arrow(arrow::Concatenate(kept));
}

Result<std::shared_ptr<arrow::Array>> row_numbers(int64_t rows) {
  arrow::Int64Builder builder;
  for (int64_t row = 0; row < rows; ++row) MS_TRY(from_arrow(builder.Append(row)));
  return from_arrow(builder.Finish());
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> random_array(const std::shared_ptr<arrow::DataType>& type, int64_t rows,
                                                   uint64_t seed, const ValueLimits& limits) {
  Dice dice(seed);
  const auto text = [&] { return any_text(dice, limits); };
  const auto bytes = [&] { return any_bytes(dice, limits); };
  switch (type->id()) {
    case arrow::Type::BOOL: {
      arrow::BooleanBuilder builder;
      return build(builder, rows, dice, [&] { return dice.one_in(2); });
    }
    case arrow::Type::STRING: return texts<arrow::StringBuilder>(rows, dice, text);
    case arrow::Type::LARGE_STRING: return texts<arrow::LargeStringBuilder>(rows, dice, text);
    case arrow::Type::BINARY: return texts<arrow::BinaryBuilder>(rows, dice, bytes);
    case arrow::Type::LARGE_BINARY: return texts<arrow::LargeBinaryBuilder>(rows, dice, bytes);
    case arrow::Type::FIXED_SIZE_BINARY: return fixed_bytes(type, rows, dice);
    case arrow::Type::LIST: return lists(type, rows, dice, limits);
    case arrow::Type::STRUCT: return structs(type, rows, dice, limits);
    default: return numbers(type, rows, dice, limits);
  }
}

Result<std::shared_ptr<arrow::RecordBatch>> random_table(const std::shared_ptr<arrow::Schema>& schema, int64_t rows,
                                                         uint64_t seed, const ValueLimits& limits) {
  arrow::ArrayVector columns;
  for (const auto& field : schema->fields()) {
    const uint64_t own = seed * 1'000'003 + columns.size();
    MS_ASSIGN(auto column, field->name() == "row" ? row_numbers(rows)
                           : field->nullable()    ? random_array(field->type(), rows, own, limits)
                                                  : without_nulls(field, rows, own, limits));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(schema, rows, std::move(columns));
}

}  // namespace mainstem::connector::testkit
