#include "format/scalar_type.h"

#include <algorithm>
#include <arrow/type.h>
#include <arrow/util/value_parsing.h>
#include <charconv>
#include <cmath>

#include "format/number_text.h"

namespace mainstem::format {
namespace {

constexpr int32_t kDecimalDigits = 38;

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

bool in_range_of_double(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && std::isfinite(value);
}

Scalar classify_date(std::string_view text) {
  constexpr size_t date_length = 10;
  if (text.size() < date_length || text[4] != '-' || text[7] != '-') return {.kind = ScalarKind::text};
  if (text.size() == date_length) {
    arrow::Date32Type::c_type days = 0;
    const bool is_date = arrow::internal::ParseValue<arrow::Date32Type>(text.data(), text.size(), &days);
    return {.kind = is_date ? ScalarKind::date : ScalarKind::text};
  }
  int64_t value = 0;
  bool has_zone = false;
  if (!arrow::internal::ParseTimestampISO8601(text.data(), text.size(), arrow::TimeUnit::MICRO, &value, &has_zone))
    return {.kind = ScalarKind::text};
  return {.kind = has_zone ? ScalarKind::timestamp_utc : ScalarKind::timestamp};
}

bool has_bare_exponent(std::string_view number) {
  const auto at = number.find_first_of("eE");
  return at != std::string_view::npos && number.find_first_of(".,") == std::string_view::npos &&
         number.find_first_of("+-", at) == std::string_view::npos;
}

Scalar classify_text(std::string_view text, bool dates) {
  const auto trimmed = trim(text);
  if (trimmed.empty()) return {};
  if (trimmed == "true" || trimmed == "false") return {.kind = ScalarKind::boolean};
  if (const auto number = scan_number(trimmed)) {
    auto scalar = classify_number(*number, trimmed);
    if (number->exponent && has_bare_exponent(trimmed)) scalar.kind = ScalarKind::bare_exponent;
    return scalar;
  }
  return dates ? classify_date(trimmed) : Scalar{.kind = ScalarKind::text};
}

void ScalarFacts::add(const Scalar& scalar) {
  seen_ = true;
  if (scalar.kind == ScalarKind::null) return;
  kinds_ |= bit(scalar.kind);
  exact_double_ = exact_double_ && scalar.exact_double;
  integer_digits_ = std::max(integer_digits_, scalar.integer_digits);
  scale_ = std::max(scale_, scalar.scale);
}

void ScalarFacts::merge(const ScalarFacts& other) {
  seen_ = seen_ || other.seen_;
  kinds_ |= other.kinds_;
  exact_double_ = exact_double_ && other.exact_double_;
  integer_digits_ = std::max(integer_digits_, other.integer_digits_);
  scale_ = std::max(scale_, other.scale_);
}

bool ScalarFacts::only(std::initializer_list<ScalarKind> kinds) const {
  uint32_t allowed = 0;
  for (const auto kind : kinds) allowed |= bit(kind);
  return (kinds_ & ~allowed) == 0;
}

std::shared_ptr<arrow::DataType> ScalarFacts::number_type() const {
  if (only({ScalarKind::integer})) return arrow::int64();
  const auto precision = std::max(1, integer_digits_ + scale_);
  if (only({ScalarKind::integer, ScalarKind::decimal}) && precision <= kDecimalDigits)
    return arrow::decimal128(precision, scale_);
  const bool has_codes = (kinds_ & bit(ScalarKind::bare_exponent)) != 0;
  if (has_codes && scale_ == 0 && (kinds_ & bit(ScalarKind::exponent)) == 0) return arrow::utf8();
  return exact_double_ ? arrow::float64() : arrow::utf8();
}

std::shared_ptr<arrow::DataType> ScalarFacts::type() const {
  if (!has_values()) return arrow::utf8();
  if (only({ScalarKind::boolean})) return arrow::boolean();
  if (only({ScalarKind::integer, ScalarKind::decimal, ScalarKind::exponent, ScalarKind::bare_exponent}))
    return number_type();
  if (only({ScalarKind::date})) return arrow::date32();
  if (only({ScalarKind::timestamp})) return arrow::timestamp(arrow::TimeUnit::MICRO);
  if (only({ScalarKind::timestamp_utc})) return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  return arrow::utf8();
}

}  // namespace mainstem::format
