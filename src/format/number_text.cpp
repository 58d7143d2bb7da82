#include "format/number_text.h"

#include <bit>
#include <cstring>

namespace mainstem::format {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = 0x8080808080808080;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

uint64_t load_word(const char* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// How many of the eight bytes are digits, up to the first that is none. The first byte is the lowest.
int leading_digits(uint64_t word) {
  const uint64_t distance = word ^ (kOnes * '0');
  const uint64_t others = (((distance & ~kHighs) + kOnes * 0x76) | distance) & kHighs;
  return std::countr_zero(others) / 8;
}

// The value of up to eight digits at the beginning of a word, two, four and eight at a time (as in "Faster integer
// parsing", kholdstare.github.io).
uint64_t value_of(uint64_t word, int digits) {
  if (digits == 0) return 0;
  uint64_t packed = (word << (64 - digits * 8)) | (digits == 8 ? 0 : kOnes * '0' >> (digits * 8));
  packed -= kOnes * '0';
  packed = packed * 10 + (packed >> 8);
  constexpr uint64_t mask = 0x000000FF000000FF;
  constexpr uint64_t upper = 100 + (uint64_t{1'000'000} << 32);
  constexpr uint64_t lower = 1 + (uint64_t{10'000} << 32);
  return (((packed & mask) * upper) + (((packed >> 16) & mask) * lower)) >> 32;
}

// Goes over digits and adds them to `value`. Past 19 digits the value is not used, so that it may wrap.
const char* scan_digits(const char* at, const char* end, uint64_t& value) {
  static constexpr uint64_t powers[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  if constexpr (std::endian::native == std::endian::little) {
    while (end - at >= 8) {
      const uint64_t word = load_word(at);
      const int digits = leading_digits(word);
      value = value * powers[digits] + value_of(word, digits);
      at += digits;
      if (digits < 8) return at;
    }
  }
  for (; at < end && is_digit(*at); ++at) value = value * 10 + static_cast<uint64_t>(*at - '0');
  return at;
}

// Null if no digit follows.
const char* pass_exponent(const char* at, const char* end) {
  ++at;
  if (at < end && (*at == '+' || *at == '-')) ++at;
  const char* first = at;
  while (at < end && is_digit(*at)) ++at;
  return at == first ? nullptr : at;
}

// Takes the digits behind the point; null if there are none.
const char* scan_fraction(const char* at, const char* end, NumberText& number) {
  const char* first = ++at;
  at = scan_digits(at, end, number.digits);
  if (at == first) return nullptr;
  number.scale = static_cast<int32_t>(at - first);
  if (number.significant == 0)
    while (first < at && *first == '0') ++first;
  number.significant += static_cast<int32_t>(at - first);
  return at;
}

}  // namespace

const char* scan_number(const char* at, const char* end, NumberText& number) {
  number.negative = at < end && *at == '-';
  if (number.negative) ++at;
  const char* first = at;
  at = scan_digits(at, end, number.digits);
  if (at == first || (*first == '0' && at - first > 1)) return nullptr;
  if (*first != '0') number.integer_digits = number.significant = static_cast<int32_t>(at - first);
  if (at < end && *at == '.') at = scan_fraction(at, end, number);
  if (at == nullptr || at == end || (*at | 0x20) != 'e') return at;
  number.exponent = true;
  return pass_exponent(at, end);
}

std::optional<NumberText> scan_number(std::string_view text) {
  NumberText number;
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (text.empty() || scan_number(begin, end, number) != end) return std::nullopt;
  return number;
}

}  // namespace mainstem::format
