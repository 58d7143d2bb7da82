#include "format/number_text.h"

#include <limits>

namespace mainstem::format {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool scan_exponent(std::string_view text, size_t at) {
  ++at;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  if (at == text.size()) return false;
  for (; at < text.size(); ++at)
    if (!is_digit(text[at])) return false;
  return true;
}

// Reads digits from `at` on into `number`; returns how many there are.
int32_t scan_digits(std::string_view text, size_t& at, NumberText& number) {
  const size_t first = at;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    const auto digit = static_cast<uint64_t>(text[at] - '0');
    if (number.significant == 0 && digit == 0) continue;
    // Past 19 digits the value is not used, so that it may wrap.
    number.digits = number.digits * 10 + digit;
    ++number.significant;
  }
  return static_cast<int32_t>(at - first);
}

}  // namespace

std::optional<int64_t> NumberText::as_int64() const {
  constexpr uint64_t largest = std::numeric_limits<int64_t>::max();
  if (!is_integer() || significant > 19 || digits > largest + (negative ? 1 : 0)) return std::nullopt;
  return negative ? static_cast<int64_t>(0 - digits) : static_cast<int64_t>(digits);
}

std::optional<NumberText> scan_number(std::string_view text) {
  NumberText number;
  size_t at = 0;
  if (!text.empty() && text[0] == '-') {
    number.negative = true;
    at = 1;
  }
  const bool starts_with_zero = at < text.size() && text[at] == '0';
  const auto before_point = scan_digits(text, at, number);
  if (before_point == 0 || (starts_with_zero && before_point > 1)) return std::nullopt;
  number.integer_digits = number.significant;
  if (at < text.size() && text[at] == '.') {
    ++at;
    number.scale = scan_digits(text, at, number);
    if (number.scale == 0) return std::nullopt;
  }
  if (at == text.size()) return number;
  if ((text[at] | 0x20) != 'e' || !scan_exponent(text, at)) return std::nullopt;
  number.exponent = true;
  return number;
}

}  // namespace mainstem::format
