#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "format/number_text.h"

namespace mainstem::format {

enum class ScalarKind : uint8_t {
  null,
  boolean,
  integer,
  decimal,
  exponent,
  bare_exponent,
  date,
  timestamp,
  timestamp_utc,
  text
};

/// What one value alone says about the type of its column.
struct Scalar {
  ScalarKind kind = ScalarKind::null;
  bool exact_double = true;    ///< of a number: survives the way through a double (17 digits, in range)
  int32_t integer_digits = 0;  ///< of a number
  int32_t scale = 0;           ///< of a number

  bool operator==(const Scalar&) const = default;
};

/// Whether the nearest double to a number is a finite one.
bool in_range_of_double(std::string_view text);

/// A number with its text.
inline Scalar classify_number(const NumberText& number, std::string_view text) {
  // Every decimal number of so many digits that a double was printed as comes back as that double.
  constexpr int32_t double_digits = 17;
  const bool may_leave_range = number.exponent || number.integer_digits > 300 || number.scale > 300;
  // No integer or decimal keeps the sign of zero, but a double does.
  const bool needs_double = number.exponent || (number.negative && number.significant == 0);
  const auto whole_or_not = number.as_int64() ? ScalarKind::integer : ScalarKind::decimal;
  return {.kind = needs_double ? ScalarKind::exponent : whole_or_not,
          .exact_double = number.significant <= double_digits && (!may_leave_range || in_range_of_double(text)),
          .integer_digits = number.integer_digits,
          .scale = number.scale};
}

/// ISO 8601 dates ("2026-01-31") and timestamps of at most microseconds ("2026-01-31T12:00:00.5", with or without
/// "Z" or "+01:00"); anything else is text.
Scalar classify_date(std::string_view text);

/// Whether a number reads "1e5", without point or sign of the exponent. So hardly a program writes a number, but many a
/// code of a part, a room or a gene looks like it.
bool has_bare_exponent(std::string_view number);

/// Text of unknown type, as in XML: nothing or blanks alone are null; "true" and "false", numbers without leading
/// zeros and, if `dates`, what `classify_date` knows are typed; blanks around these do not count. The rest is text.
Scalar classify_text(std::string_view text, bool dates);

/// Gathers the scalars of a column and names the narrowest type that holds all of them without loss.
///
///   boolean; int64; decimal(p, s) over all values up to 38 digits; double if a number is written with an exponent, is
///   -0 or takes more than 38 digits and every number survives as a double, but text if there are bare exponents and no
///   number that has a point or a signed exponent; date32; timestamp in microseconds, in UTC if all
///   values have a zone; text for every mixture and for a column of nulls only.
class ScalarFacts {
 public:
  void add(const Scalar& scalar);
  void merge(const ScalarFacts& other);
  /// True if one more such scalar would say nothing more.
  bool covers(const Scalar& scalar) const {
    if (scalar.kind == ScalarKind::null) return seen_;
    return (kinds_ & bit(scalar.kind)) != 0 && (scalar.exact_double || !exact_double_) &&
           scalar.integer_digits <= integer_digits_ && scalar.scale <= scale_;
  }

  /// True if anything was seen, be it a null.
  bool is_seen() const { return seen_; }
  /// True if something else than nulls was seen.
  bool has_values() const { return kinds_ != 0; }
  std::shared_ptr<arrow::DataType> type() const;

 private:
  static constexpr uint32_t bit(ScalarKind kind) { return 1U << static_cast<unsigned>(kind); }
  bool only(std::initializer_list<ScalarKind> kinds) const;
  std::shared_ptr<arrow::DataType> number_type() const;

  bool seen_ = false;
  uint32_t kinds_ = 0;  // bit per ScalarKind, without null
  bool exact_double_ = true;
  int32_t integer_digits_ = 0;
  int32_t scale_ = 0;
};

}  // namespace mainstem::format
