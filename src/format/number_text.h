#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace mainstem::format {

/// A number as it is written (RFC 8259, section 6), taken apart so that no digit is lost.
struct NumberText {
  bool negative = false;
  bool exponent = false;       ///< written with e or E
  int32_t integer_digits = 0;  ///< before the point; 0 for "0.5"
  int32_t scale = 0;           ///< digits behind the point
  int32_t significant = 0;     ///< digits without leading zeros
  uint64_t digits = 0;         ///< all digits without the point, if `significant` is at most 19; without the exponent

  bool is_integer() const { return !exponent && scale == 0; }
  /// The number if it is an integer of 64 bits.
  std::optional<int64_t> as_int64() const {
    constexpr uint64_t largest = std::numeric_limits<int64_t>::max();
    if (!is_integer() || significant > 19 || digits > largest + (negative ? 1 : 0)) return std::nullopt;
    return negative ? static_cast<int64_t>(0 - digits) : static_cast<int64_t>(digits);
  }
};

/// Takes the number that stands at `at`, the longest that there is; gives its end, or null if there is none.
/// `number` is fresh, and nothing is said about it if there is none.
const char* scan_number(const char* at, const char* end, NumberText& number);

/// Nothing if `text` as a whole is no number: leading zeros, "+1", ".5", "1.", "NaN" and blanks are none.
std::optional<NumberText> scan_number(std::string_view text);

}  // namespace mainstem::format
