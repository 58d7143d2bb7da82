#include "connectors/postgres/numeric.h"

#include <array>
#include <cstdlib>

namespace mainstem::connectors::postgres {
namespace {

constexpr int kGroupDigits = 4;
constexpr int kMaxDigits = 38;

constexpr std::array<Int128, kMaxDigits + 1> kPowers = [] {
  std::array<Int128, kMaxDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr std::array<int, 5> kSmallPowers{1, 10, 100, 1000, 10000};

// value * 10^digits + addend, unless it passes 10^38.
bool shift_add(Int128& value, int digits, int addend) {
  if (value > kPowers[static_cast<size_t>(kMaxDigits - digits)]) return false;
  value = value * kSmallPowers[static_cast<size_t>(digits)] + addend;
  return true;
}

// Takes in one group whose lowest digit stands for 10^power of the result.
bool add_group(Int128& value, int group, int power) {
  if (power >= 0) return shift_add(value, kGroupDigits, group);
  if (power <= -kGroupDigits) return group == 0;
  const int cut = kSmallPowers[static_cast<size_t>(-power)];
  return group % cut == 0 && shift_add(value, kGroupDigits + power, group / cut);
}

// Groups from the least significant one upwards.
template <class U>
int split_groups(U magnitude, int scale, std::array<uint16_t, 16>& groups) {
  int count = 0;
  if (const int odd = scale % kGroupDigits; odd != 0) {
    const auto cut = static_cast<U>(kSmallPowers[static_cast<size_t>(odd)]);
    groups[static_cast<size_t>(count++)] = static_cast<uint16_t>(static_cast<int>(magnitude % cut) *
                                                                 kSmallPowers[static_cast<size_t>(kGroupDigits - odd)]);
    magnitude /= cut;
  }
  while (magnitude != 0) {
    groups[static_cast<size_t>(count++)] = static_cast<uint16_t>(magnitude % 10000);
    magnitude /= 10000;
  }
  return count;
}

char* put_header(char* to, int groups, int weight, bool negative, int scale) {
  to_wire(to, static_cast<uint16_t>(groups));
  to_wire(to + 2, static_cast<int16_t>(weight));
  to_wire(to + 4, negative ? Numeric::kNegative : uint16_t{0});
  to_wire(to + 6, static_cast<uint16_t>(scale));
  return to + Numeric::kHeaderBytes;
}

int groups_of_scale(int scale) { return (scale + kGroupDigits - 1) / kGroupDigits; }

void append_group(std::string& text, int group, int digits) {
  for (int i = kGroupDigits - 1; i >= kGroupDigits - digits; --i)
    text += static_cast<char>('0' + group / kSmallPowers[static_cast<size_t>(i)] % 10);
}

}  // namespace

std::optional<Numeric> Numeric::parse(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  Numeric numeric{.groups = from_wire<uint16_t>(bytes),
                  .weight = from_wire<int16_t>(bytes.data() + 2),
                  .sign = from_wire<uint16_t>(bytes.data() + 4),
                  .scale = from_wire<uint16_t>(bytes.data() + 6),
                  .bytes = bytes.data() + kHeaderBytes};
  if (bytes.size() != kHeaderBytes + static_cast<size_t>(numeric.groups) * 2) return std::nullopt;
  return numeric;
}

std::optional<Int128> to_decimal(const Numeric& numeric, int precision, int scale) {
  if (numeric.is_special()) return std::nullopt;
  Int128 value = 0;
  int power = numeric.weight * kGroupDigits + scale;
  for (int i = 0; i < numeric.groups; ++i, power -= kGroupDigits)
    if (!add_group(value, numeric.group(i), power)) return std::nullopt;
  // Groups of zeros behind the last one are not sent.
  for (power += kGroupDigits; power > 0 && value != 0;) {
    const int digits = std::min(power, kGroupDigits);
    if (!shift_add(value, digits, 0)) return std::nullopt;
    power -= digits;
  }
  if (value >= kPowers[static_cast<size_t>(precision)]) return std::nullopt;
  return numeric.sign == Numeric::kNegative ? -value : value;
}

void append_text(const Numeric& numeric, std::string& text) {
  if (numeric.sign == Numeric::kInfinity || numeric.sign == Numeric::kMinusInfinity) {
    text += numeric.sign == Numeric::kInfinity ? "Infinity" : "-Infinity";
    return;
  }
  if (numeric.is_special()) {
    text += "NaN";
    return;
  }
  if (numeric.sign == Numeric::kNegative) text += '-';
  const auto group = [&](int i) { return i >= 0 && i < numeric.groups ? numeric.group(i) : 0; };
  const size_t start = text.size();
  for (int i = 0; i <= numeric.weight; ++i) append_group(text, group(i), kGroupDigits);
  const auto first = std::min(text.find_first_not_of('0', start), text.size());
  text.erase(start, first - start);
  if (text.size() == start) text += '0';
  if (numeric.scale == 0) return;
  text += '.';
  for (int left = numeric.scale, i = numeric.weight + 1; left > 0; left -= kGroupDigits, ++i)
    append_group(text, group(i), std::min(left, kGroupDigits));
}

char* encode_decimal(char* to, Int128 value, int scale) {
  const bool negative = value < 0;
  const UInt128 magnitude = negative ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  std::array<uint16_t, 16> groups{};
  const int count = magnitude <= UINT64_MAX ? split_groups(static_cast<uint64_t>(magnitude), scale, groups)
                                            : split_groups(magnitude, scale, groups);
  to = put_header(to, count, count - 1 - groups_of_scale(scale), negative, scale);
  for (int i = count - 1; i >= 0; --i, to += 2) to_wire(to, groups[static_cast<size_t>(i)]);
  return to;
}

std::string encode_long_decimal(std::string_view whole, int scale) {
  const bool negative = whole.starts_with('-');
  if (negative) whole.remove_prefix(1);
  std::string digits(whole);
  digits.append(static_cast<size_t>(groups_of_scale(scale) * kGroupDigits - scale), '0');
  if (const size_t odd = digits.size() % kGroupDigits; odd != 0) digits.insert(0, kGroupDigits - odd, '0');
  const int count = static_cast<int>(digits.size() / kGroupDigits);
  std::string bytes(Numeric::kHeaderBytes + static_cast<size_t>(count) * 2, '\0');
  char* to = put_header(bytes.data(), count, count - 1 - groups_of_scale(scale), negative, scale);
  for (size_t i = 0; i < digits.size(); i += kGroupDigits, to += 2) {
    uint16_t group = 0;
    for (size_t j = i; j < i + kGroupDigits; ++j) group = static_cast<uint16_t>(group * 10 + (digits[j] - '0'));
    to_wire(to, group);
  }
  return bytes;
}

}  // namespace mainstem::connectors::postgres
