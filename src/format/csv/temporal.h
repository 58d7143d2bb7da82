#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Parsers of ISO 8601 dates and times, and of the forms that options give.

namespace mainstem::format::csv {

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms").
constexpr int64_t days_of(int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto of_era = static_cast<unsigned>(year - era * 400);
  const unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
  return era * 146097 + static_cast<int64_t>(day_of_era) - 719468;
}

struct CivilDate {
  int64_t year;
  unsigned month;
  unsigned day;
};
CivilDate civil_of(int64_t days);

/// A moment as found; `days` since 1970-01-01, time of day in nanoseconds.
struct Moment {
  int64_t days = 0;
  int64_t nanoseconds = 0;
  int fraction_digits = 0;
  bool zoned = false;
  int offset_minutes = 0;

  /// In units of `per_second` a second, UTC if zoned. False if it does not fit or would lose digits.
  bool to_units(int64_t per_second, int64_t& value) const;
};

/// YYYY-MM-DD; with a sign before it, a year of more digits.
bool parse_date(std::string_view text, int64_t& days);
/// HH:MM:SS with up to nine decimals.
bool parse_time(std::string_view text, int64_t& nanoseconds, int& fraction_digits);
/// A date, 'T' or a blank, HH:MM with optional :SS and decimals, optional zone Z, +HH, +HH:MM or +HHMM.
bool parse_timestamp(std::string_view text, Moment& moment);
/// As `format` says: %Y %m %d %H %M %S (with optional decimals) %z, other characters literally.
bool parse_moment(std::string_view text, const std::string& format, Moment& moment);

void append_date(int64_t days, std::string& out);
void append_time(int64_t nanoseconds, std::string& out);

}  // namespace mainstem::format::csv
