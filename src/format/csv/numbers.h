#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

// Parsers of numbers as they stand in fields. Each takes the whole text or returns false; nothing is rounded silently
// but to the nearest double or float, which a caller asks for.

namespace mainstem::format::csv {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Up to eight digits at once (after "Faster integer parsing", kholdstare.github.io); text of 1 to 8 bytes.
inline bool parse_digits8(const char* text, size_t size, uint64_t& value) {
  uint64_t packed = 0;
  if (size >= 4) {
    uint32_t head = 0;
    uint32_t tail = 0;
    std::memcpy(&head, text, 4);
    std::memcpy(&tail, text + size - 4, 4);
    packed = head | static_cast<uint64_t>(tail) << ((size - 4) * 8);
  } else {
    packed = static_cast<uint8_t>(text[0]) |
             static_cast<uint64_t>(static_cast<uint8_t>(text[size / 2])) << (size / 2 * 8) |
             static_cast<uint64_t>(static_cast<uint8_t>(text[size - 1])) << ((size - 1) * 8);
  }
  // Right-aligned behind zeros.
  if (size < 8) packed = packed << ((8 - size) * 8) | 0x3030303030303030ull >> (size * 8);
  const uint64_t over = packed + 0x4646464646464646ull;
  const uint64_t digits = packed - 0x3030303030303030ull;
  if (((over | digits) & 0x8080808080808080ull) != 0) return false;
  packed = digits * 10 + (digits >> 8);
  value = (((packed & 0x000000ff000000ffull) * 0x000f424000000064ull) +
           (((packed >> 16) & 0x000000ff000000ffull) * 0x0000271000000001ull)) >>
          32;
  return true;
}

inline constexpr std::array<uint64_t, 20> kPowersOfTen = [] {
  std::array<uint64_t, 20> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

inline UInt128 power_of_ten(int exponent) {
  if (exponent < 20) return kPowersOfTen[static_cast<size_t>(exponent)];
  return UInt128{kPowersOfTen[19]} * kPowersOfTen[static_cast<size_t>(exponent - 19)];
}

/// Digits only, at most 19 of them.
inline bool parse_digits(std::string_view text, uint64_t& value) {
  if (text.empty() || text.size() > 19) return false;
  value = 0;
  while (!text.empty()) {
    const auto head = text.substr(0, 8);
    uint64_t part = 0;
    if (!parse_digits8(head.data(), head.size(), part)) return false;
    value = value * kPowersOfTen[head.size()] + part;
    text.remove_prefix(head.size());
  }
  return true;
}

inline bool parse_int64(std::string_view text, int64_t& value) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  uint64_t magnitude = 0;
  if (!parse_digits(text, magnitude)) return false;
  constexpr uint64_t most = std::numeric_limits<int64_t>::max();
  if (magnitude > most + (negative ? 1 : 0)) return false;
  value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

inline bool parse_uint64(std::string_view text, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() && is_digit(text.front());
}

/// Digits of any number up to 38.
inline bool parse_digits128(std::string_view text, UInt128& value) {
  while (text.size() > 19 && text.front() == '0') text.remove_prefix(1);
  if (text.size() > 38) return false;
  value = 0;
  while (!text.empty()) {
    const size_t size = text.size() < 19 ? text.size() : 19;
    uint64_t part = 0;
    if (!parse_digits(text.substr(0, size), part)) return false;
    value = value * kPowersOfTen[size] + part;
    text.remove_prefix(size);
  }
  return true;
}

/// A decimal number without exponent as an integer of `scale` decimals and at most `precision` digits. Zeros behind
/// the last decimal of `scale` are allowed, other digits there are not.
inline bool parse_decimal(std::string_view text, char separator, int precision, int scale, Int128& value) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const size_t point = text.find(separator);
  auto whole = text.substr(0, point);
  auto fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return false;
  while (static_cast<int>(fraction.size()) > scale && fraction.back() == '0') fraction.remove_suffix(1);
  if (static_cast<int>(fraction.size()) > scale) return false;
  UInt128 units = 0;
  UInt128 decimals = 0;
  if (!parse_digits128(whole, units) || !parse_digits128(fraction, decimals)) return false;
  const UInt128 limit = power_of_ten(precision);
  const UInt128 unit = power_of_ten(scale);
  if (units > limit / unit) return false;
  const UInt128 magnitude = units * unit + decimals * power_of_ten(scale - static_cast<int>(fraction.size()));
  if (magnitude >= limit) return false;
  value = negative ? -static_cast<Int128>(magnitude) : static_cast<Int128>(magnitude);
  return true;
}

/// Room for a number without the separators between its groups of digits.
using PlainNumber = std::array<char, 96>;

/// A number without the separators between groups of three digits before its decimals ("1.234.567,89"), in `plain`
/// where there are any; nothing if they stand anywhere else, or behind a zero: 0.123 has a point of decimals.
inline std::optional<std::string_view> without_groups(std::string_view text, char group, char decimal,
                                                      PlainNumber& plain) {
  const size_t first = text.find(group);
  if (first == std::string_view::npos) return text;
  const size_t begin = text.front() == '-' ? 1 : 0;
  const size_t point = std::min(text.find(decimal), text.size());
  const bool head = first > begin && first - begin <= 3 && text[begin] != '0';
  if (!head || text.size() > plain.size() || first > point || (point - first) % 4 != 0) return std::nullopt;
  char* to = std::copy(text.begin(), text.begin() + static_cast<ptrdiff_t>(first), plain.data());
  for (size_t at = first; at < point; at += 4) {
    const auto digits = text.substr(at + 1, 3);
    if (text[at] != group || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
    to = std::copy(digits.begin(), digits.end(), to);
  }
  if (text.find(group, point) != std::string_view::npos) return std::nullopt;
  to = std::copy(text.begin() + static_cast<std::ptrdiff_t>(point), text.end(), to);
  return std::string_view(plain.data(), static_cast<size_t>(to - plain.data()));
}

/// Decimal or exponent notation, inf, infinity, nan in any letter case; the nearest value.
template <class Real>
bool parse_real(std::string_view text, char separator, Real& value) {
  std::array<char, 64> copy;
  if (separator != '.' && text.find(separator) != std::string_view::npos) {
    if (text.size() > copy.size() || text.find('.') != std::string_view::npos) return false;
    for (size_t i = 0; i < text.size(); ++i) copy[i] = text[i] == separator ? '.' : text[i];
    text = {copy.data(), text.size()};
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace mainstem::format::csv
