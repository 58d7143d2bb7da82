#include "format/csv/inference.h"

#include <algorithm>
#include <array>
#include <arrow/api.h>
#include <cctype>
#include <cmath>
#include <fmt/format.h>

#include "format/csv/numbers.h"
#include "format/csv/temporal.h"
#include "format/scalar_type.h"

namespace mainstem::format::csv {
namespace {

constexpr uint16_t kBoolean = 1;
constexpr uint16_t kInteger = 2;
constexpr uint16_t kDecimal = 4;
constexpr uint16_t kDouble = 8;
constexpr uint16_t kDate = 16;
constexpr uint16_t kTime = 32;
constexpr uint16_t kTimestamp = 64;
constexpr uint16_t kZonedTimestamp = 128;
constexpr int kMaxDecimalDigits = 38;

// Digits of a number in scientific form without trailing zeros, and its exponent: "15e2".
std::string significant(std::string_view scientific) {
  std::string digits;
  size_t i = 0;
  for (; i < scientific.size() && scientific[i] != 'e'; ++i)
    if (is_digit(scientific[i])) digits += scientific[i];
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  return digits + std::string(scientific.substr(i));
}

// True if a double gives the digits back: either in its shortest form or in 17 digits.
bool double_holds(std::string_view value, char separator, int digits) {
  if (digits <= 15) return true;
  double number = 0;
  if (digits > 17 || !parse_real(value, separator, number)) return false;
  std::string mantissa;
  for (const char c : value.substr(0, value.find_first_of("eE")))
    if (is_digit(c) && (c != '0' || !mantissa.empty())) mantissa += c;
  while (mantissa.size() > 1 && mantissa.back() == '0') mantissa.pop_back();
  const auto same = [&](const std::string& form) { return significant(form).starts_with(mantissa + "e"); };
  std::array<char, 64> shortest;
  const auto end = std::to_chars(shortest.begin(), shortest.end(), std::abs(number), std::chars_format::scientific).ptr;
  return same(std::string(shortest.begin(), end)) || same(fmt::format("{:.16e}", std::abs(number)));
}

}  // namespace

TypeRules TypeRules::of(const ReadOptions& options) {
  const auto lower = [](std::vector<std::string> values) {
    for (auto& value : values)
      for (char& c : value) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return values;
  };
  return {.decimal_separator = options.decimal_separator[0],
          .thousands_separator = options.thousands_separator.empty() ? '\0' : options.thousands_separator[0],
          .true_values = lower(options.true_values),
          .false_values = lower(options.false_values),
          .date_format = options.date_format,
          .timestamp_format = options.timestamp_format};
}

bool is_one_of(std::string_view text, const std::vector<std::string>& values) {
  return std::ranges::any_of(values, [&](const std::string& value) {
    return value.size() == text.size() && std::ranges::equal(value, text, [](char a, char b) {
             return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
           });
  });
}

void ColumnEvidence::observe(std::string_view value, const TypeRules& rules) {
  any_value = true;
  if (possible_ != 0) possible_ &= classify(value, rules);
}

void ColumnEvidence::merge(const ColumnEvidence& other) {
  any_value |= other.any_value;
  possible_ &= other.possible_;
  any_number_ |= other.any_number_;
  any_bare_exponent_ |= other.any_bare_exponent_;
  any_real_ |= other.any_real_;
  beyond_nanoseconds_ |= other.beyond_nanoseconds_;
  integer_digits_ = std::max(integer_digits_, other.integer_digits_);
  scale_ = std::max(scale_, other.scale_);
  fraction_digits_ = std::max(fraction_digits_, other.fraction_digits_);
}

uint16_t ColumnEvidence::classify(std::string_view value, const TypeRules& rules) {
  if (value.empty()) return 0;
  uint16_t found = 0;
  PlainNumber plain;
  auto number = std::optional(value);
  if (rules.thousands_separator != '\0')
    number = without_groups(value, rules.thousands_separator, rules.decimal_separator, plain);
  if (number && (possible_ & (kInteger | kDecimal | kDouble)) != 0)
    found |= classify_number(*number, rules.decimal_separator);
  const bool temporal = (possible_ & (kDate | kTime | kTimestamp | kZonedTimestamp)) != 0;
  if (temporal && value.size() >= 6) found |= classify_temporal(value, rules);
  if (number && (possible_ & kDouble) != 0 && found == 0) found |= classify_real(*number, rules);
  const bool boolean =
      (possible_ & kBoolean) != 0 && (is_one_of(value, rules.true_values) || is_one_of(value, rules.false_values));
  return boolean ? found | kBoolean : found;
}

uint16_t ColumnEvidence::classify_number(std::string_view value, char separator) {
  const auto digits = value.substr(value.front() == '-' ? 1 : 0);
  const bool negative = digits.size() != value.size();
  size_t whole = 0;
  while (whole < digits.size() && is_digit(digits[whole])) ++whole;
  size_t end = whole;
  if (end < digits.size() && digits[end] == separator) {
    ++end;
    while (end < digits.size() && is_digit(digits[end])) ++end;
    if (end == whole + 1) return 0;
  }
  if (end == 0 || end < digits.size()) return 0;
  if (whole > 1 && digits[0] == '0') return 0;
  const size_t scale = end > whole ? end - whole - 1 : 0;
  const bool zero = std::ranges::none_of(digits, [](char c) { return c >= '1' && c <= '9'; });
  any_number_ = true;
  any_real_ |= scale > 0;
  // No integer or decimal keeps the sign of zero.
  if (negative && zero) return kDouble;
  const size_t integer_digits = whole == 1 && digits[0] == '0' ? 0 : whole;
  uint16_t found = double_holds(value, separator, static_cast<int>(std::min<size_t>(whole + scale, 99))) ? kDouble : 0;
  if (integer_digits + scale <= kMaxDecimalDigits) {
    found |= kDecimal;
    integer_digits_ = std::max(integer_digits_, static_cast<uint16_t>(integer_digits));
    scale_ = std::max(scale_, static_cast<uint16_t>(scale));
  }
  int64_t number = 0;
  if (end == whole && (whole < 19 || parse_int64(value, number))) found |= kInteger;
  return found;
}

uint16_t ColumnEvidence::classify_real(std::string_view value, const TypeRules& rules) {
  double number = 0;
  if (!parse_real(value, rules.decimal_separator, number)) return 0;
  const auto mantissa = value.substr(0, value.find_first_of("eE"));
  if (!std::isfinite(number) || mantissa.size() == value.size()) {
    const bool word = std::isalpha(static_cast<unsigned char>(value.back())) != 0;
    return word && value.find('(') == std::string_view::npos ? kDouble : 0;
  }
  const auto first = mantissa.front() == '-' ? mantissa.substr(1) : mantissa;
  const bool leading_zero = first.size() > 1 && first[0] == '0' && is_digit(first[1]);
  const auto digits = std::ranges::count_if(mantissa, is_digit);
  if (leading_zero || !is_digit(first.front()) || !is_digit(first.back())) return 0;
  if (!double_holds(value, rules.decimal_separator, static_cast<int>(digits))) return 0;
  // A number too small for a double would become zero.
  if (number == 0 && mantissa.find_first_of("123456789") != std::string_view::npos) return 0;
  any_number_ = true;
  (has_bare_exponent(value) ? any_bare_exponent_ : any_real_) = true;
  return kDouble;
}

uint16_t ColumnEvidence::classify_temporal(std::string_view value, const TypeRules& rules) {
  uint16_t found = 0;
  Moment moment;
  int64_t number = 0;
  int digits = 0;
  const bool own_date = !rules.date_format.empty();
  if (own_date ? parse_moment(value, rules.date_format, moment) : is_digit(value[0]) && parse_date(value, number))
    found |= kDate;
  if (value[2] == ':' && parse_time(value, number, digits)) found |= kTime;
  const bool own_timestamp = !rules.timestamp_format.empty();
  if (own_timestamp ? parse_moment(value, rules.timestamp_format, moment)
                    : value.size() > 10 && is_digit(value[0]) && parse_timestamp(value, moment)) {
    found |= moment.zoned ? kZonedTimestamp : kTimestamp;
    digits = moment.fraction_digits;
    beyond_nanoseconds_ |= !moment.to_units(1'000'000'000, number);
  }
  fraction_digits_ = std::max(fraction_digits_, static_cast<uint16_t>(digits));
  return found;
}

std::shared_ptr<arrow::DataType> ColumnEvidence::type() const {
  if (!any_value || possible_ == 0) return arrow::utf8();
  const auto has = [this](uint16_t type) { return (possible_ & type) != 0; };
  if (has(kBoolean)) return arrow::boolean();
  if (has(kInteger)) return arrow::int64();
  const int precision = integer_digits_ + scale_;
  if (has(kDecimal) && precision <= kMaxDecimalDigits) return arrow::decimal128(precision, scale_);
  // Words such as "nan" alone may be names, and "1e5" alone codes.
  if (has(kDouble) && any_number_ && (any_real_ || !any_bare_exponent_)) return arrow::float64();
  if (has(kDate)) return arrow::date32();
  const bool fine = fraction_digits_ > 6;
  if (has(kTime)) return arrow::time64(fine ? arrow::TimeUnit::NANO : arrow::TimeUnit::MICRO);
  if (fine && beyond_nanoseconds_) return arrow::utf8();
  const auto unit = fine ? arrow::TimeUnit::NANO : arrow::TimeUnit::MICRO;
  if (has(kTimestamp)) return arrow::timestamp(unit);
  if (has(kZonedTimestamp)) return arrow::timestamp(unit, "UTC");
  return arrow::utf8();
}

}  // namespace mainstem::format::csv
