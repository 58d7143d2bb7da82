#pragma once

#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "format/csv/inference.h"
#include "format/csv/numbers.h"
#include "format/csv/temporal.h"

// One parser for each kind of column of fixed width: the C++ value that stands in the array, the reject code, and how
// to read it. The whole text must be a value that the type holds without loss.

namespace mainstem::format::csv {

template <class T>
struct IntegerParser {
  using Value = T;
  static constexpr std::string_view kCode = "invalid_integer";
  bool operator()(std::string_view text, T& out) const {
    if constexpr (std::is_same_v<T, uint64_t>) {
      return parse_uint64(text, out);
    } else {
      int64_t value = 0;
      if (!parse_int64(text, value) || !std::in_range<T>(value)) return false;
      out = static_cast<T>(value);
      return true;
    }
  }
};

template <class T>
struct RealParser {
  using Value = T;
  static constexpr std::string_view kCode = "invalid_number";
  bool operator()(std::string_view text, T& out) const { return parse_real(text, separator, out); }
  char separator;
};

struct HalfParser {
  using Value = uint16_t;
  static constexpr std::string_view kCode = "invalid_number";
  bool operator()(std::string_view text, uint16_t& out) const {
    float value = 0;
    if (!parse_real(text, separator, value)) return false;
    out = arrow::util::Float16(value).bits();
    return true;
  }
  char separator;
};

/// Decimals of 32, 64 or 128 bits.
template <class T>
struct DecimalParser {
  using Value = T;
  static constexpr std::string_view kCode = "invalid_decimal";
  bool operator()(std::string_view text, T& out) const {
    if (fast(text, out)) return true;
    Int128 value = 0;
    if (!parse_decimal(text, separator, precision, scale, value)) return false;
    out = static_cast<T>(value);
    return true;
  }
  // Up to 18 digits with no more decimals than the column has.
  bool fast(std::string_view text, T& out) const {
    if (text.empty() || text.size() > 17 || scale > 18) return false;
    const bool negative = text.front() == '-';
    if (negative) text.remove_prefix(1);
    const size_t point = text.find(separator);
    if (point == std::string_view::npos || point == 0 || point + 1 == text.size()) return false;
    const size_t decimals = text.size() - point - 1;
    uint64_t whole = 0;
    uint64_t fraction = 0;
    if (static_cast<int>(decimals) != scale || !parse_digits(text.substr(0, point), whole) ||
        !parse_digits(text.substr(point + 1), fraction))
      return false;
    const uint64_t magnitude = whole * kPowersOfTen[decimals] + fraction;
    if (precision < 19 && magnitude >= kPowersOfTen[static_cast<size_t>(precision)]) return false;
    const auto value = static_cast<int64_t>(magnitude);
    out = static_cast<T>(negative ? -value : value);
    return true;
  }
  char separator;
  int precision;
  int scale;
};

/// Numbers with separators between groups of three digits.
template <class Parser>
struct GroupedParser {
  using Value = typename Parser::Value;
  static constexpr std::string_view kCode = Parser::kCode;
  bool operator()(std::string_view text, Value& out) const {
    PlainNumber plain;
    const auto number = without_groups(text, group, decimal, plain);
    return number && parser(*number, out);
  }
  Parser parser;
  char group;
  char decimal;
};

struct DateParser {
  bool days(std::string_view text, int64_t& out) const {
    if (format.empty()) return parse_date(text, out);
    Moment moment;
    if (!parse_moment(text, format, moment)) return false;
    out = moment.days;
    return moment.nanoseconds == 0;
  }
  std::string format;
};

struct Date32Parser : DateParser {
  using Value = int32_t;
  static constexpr std::string_view kCode = "invalid_date";
  bool operator()(std::string_view text, int32_t& out) const {
    int64_t value = 0;
    if (!days(text, value) || !std::in_range<int32_t>(value)) return false;
    out = static_cast<int32_t>(value);
    return true;
  }
};

struct Date64Parser : DateParser {
  using Value = int64_t;
  static constexpr std::string_view kCode = "invalid_date";
  bool operator()(std::string_view text, int64_t& out) const {
    if (!days(text, out)) return false;
    out *= 86'400'000;
    return true;
  }
};

template <class T>
struct TimeParser {
  using Value = T;
  static constexpr std::string_view kCode = "invalid_time";
  bool operator()(std::string_view text, T& out) const {
    int64_t nanoseconds = 0;
    int digits = 0;
    if (!parse_time(text, nanoseconds, digits)) return false;
    const int64_t step = 1'000'000'000 / per_second;
    if (nanoseconds % step != 0) return false;
    out = static_cast<T>(nanoseconds / step);
    return true;
  }
  int64_t per_second;
};

/// A text with a zone for a column without one, or the other way round, is refused: the moment is not known.
struct TimestampParser {
  using Value = int64_t;
  static constexpr std::string_view kCode = "invalid_timestamp";
  bool operator()(std::string_view text, int64_t& out) const {
    Moment moment;
    const bool read = format.empty() ? parse_timestamp(text, moment) : parse_moment(text, format, moment);
    return read && moment.zoned == zoned && moment.to_units(per_second, out);
  }
  int64_t per_second;
  bool zoned;
  std::string format;
};

}  // namespace mainstem::format::csv
