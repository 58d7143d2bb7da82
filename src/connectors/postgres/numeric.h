#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/postgres/wire.h"

namespace mainstem::connectors::postgres {

/// A numeric in binary form (numeric_send of the server): groups of four digits, most significant first; group i
/// stands for digit * 10000^(weight - i).
struct Numeric {
  static constexpr size_t kHeaderBytes = 8;
  static constexpr uint16_t kNegative = 0x4000;
  static constexpr uint16_t kNaN = 0xC000;
  static constexpr uint16_t kInfinity = 0xD000;
  static constexpr uint16_t kMinusInfinity = 0xF000;

  int groups = 0;
  int weight = 0;
  uint16_t sign = 0;
  int scale = 0;
  const char* bytes = nullptr;

  bool is_special() const { return (sign & kNaN) == kNaN; }
  int group(int i) const { return from_wire<uint16_t>(bytes + ptrdiff_t{i} * 2); }
  /// Nothing if the bytes are not of this form.
  static std::optional<Numeric> parse(std::string_view bytes);
};

/// value * 10^scale as a whole number of at most `precision` (≤ 38) digits; nothing if it does not fit exactly.
std::optional<Int128> to_decimal(const Numeric& numeric, int precision, int scale);
/// The text that the server would give: "-12.340", "NaN", "Infinity".
void append_text(const Numeric& numeric, std::string& text);

/// Bytes that `encode_decimal` writes at most.
constexpr size_t kMaxDecimalBytes = Numeric::kHeaderBytes + 2 * 12;
/// Writes value / 10^scale (scale 0 to 38) in binary form; gives the end.
char* encode_decimal(char* to, Int128 value, int scale);
/// The same for a number of any length, written as a whole number in text ("-1234").
std::string encode_long_decimal(std::string_view whole, int scale);

}  // namespace mainstem::connectors::postgres
