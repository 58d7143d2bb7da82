#include "format/number_text.h"

#include <limits>

namespace mainstem::format {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* pass_digits(const char* at, const char* end) {
  while (at < end && is_digit(*at)) ++at;
  return at;
}

// Null if no digit follows.
const char* pass_exponent(const char* at, const char* end) {
  ++at;
  if (at < end && (*at == '+' || *at == '-')) ++at;
  const char* first = at;
  at = pass_digits(at, end);
  return at == first ? nullptr : at;
}

// Past 19 digits the value is not used, so that it may wrap.
uint64_t add_digits(uint64_t value, const char* at, const char* end) {
  for (; at < end; ++at) value = value * 10 + static_cast<uint64_t>(*at - '0');
  return value;
}

// Takes the digits behind the point; null if there are none.
const char* scan_fraction(const char* at, const char* end, NumberText& number) {
  const char* first = ++at;
  at = pass_digits(at, end);
  if (at == first) return nullptr;
  number.scale = static_cast<int32_t>(at - first);
  if (number.significant == 0)
    while (first < at && *first == '0') ++first;
  number.significant += static_cast<int32_t>(at - first);
  number.digits = add_digits(number.digits, first, at);
  return at;
}

}  // namespace

std::optional<int64_t> NumberText::as_int64() const {
  constexpr uint64_t largest = std::numeric_limits<int64_t>::max();
  if (!is_integer() || significant > 19 || digits > largest + (negative ? 1 : 0)) return std::nullopt;
  return negative ? static_cast<int64_t>(0 - digits) : static_cast<int64_t>(digits);
}

const char* scan_number(const char* at, const char* end, NumberText& number) {
  number.negative = at < end && *at == '-';
  if (number.negative) ++at;
  const char* first = at;
  at = pass_digits(at, end);
  if (at == first || (*first == '0' && at - first > 1)) return nullptr;
  if (*first != '0') {
    number.integer_digits = number.significant = static_cast<int32_t>(at - first);
    number.digits = add_digits(0, first, at);
  }
  if (at < end && *at == '.') at = scan_fraction(at, end, number);
  if (at == nullptr || at == end || (*at | 0x20) != 'e') return at;
  number.exponent = true;
  return pass_exponent(at, end);
}

std::optional<NumberText> scan_number(std::string_view text) {
  NumberText number;
  const char* end = text.data() + text.size();
  if (text.empty() || scan_number(text.data(), end, number) != end) return std::nullopt;
  return number;
}

}  // namespace mainstem::format
