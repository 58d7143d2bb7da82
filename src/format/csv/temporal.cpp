#include "format/csv/temporal.h"

#include <array>
#include <fmt/format.h>
#include <iterator>

#include "format/csv/numbers.h"

namespace mainstem::format::csv {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

bool two_digits(std::string_view text, size_t at, unsigned& value) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return false;
  value = static_cast<unsigned>(text[at] - '0') * 10 + static_cast<unsigned>(text[at + 1] - '0');
  return true;
}

bool valid_date(int64_t year, unsigned month, unsigned day) {
  constexpr std::array<unsigned, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool take_fraction(std::string_view& rest, int64_t& nanoseconds, int& digits) {
  if (rest.empty() || rest.front() != '.') return true;
  rest.remove_prefix(1);
  int64_t value = 0;
  digits = 0;
  while (!rest.empty() && is_digit(rest.front())) {
    if (++digits > 9) return false;
    value = value * 10 + (rest.front() - '0');
    rest.remove_prefix(1);
  }
  if (digits == 0) return false;
  nanoseconds += value * static_cast<int64_t>(kPowersOfTen[static_cast<size_t>(9 - digits)]);
  return true;
}

// HH:MM, and :SS with decimals unless that may be missing.
bool take_time(std::string_view& rest, bool seconds_needed, Moment& moment) {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  if (!two_digits(rest, 0, hour) || rest.size() < 5 || rest[2] != ':' || !two_digits(rest, 3, minute)) return false;
  rest.remove_prefix(5);
  const bool has_seconds = !rest.empty() && rest.front() == ':';
  if (!has_seconds && seconds_needed) return false;
  if (has_seconds) {
    if (!two_digits(rest, 1, second)) return false;
    rest.remove_prefix(3);
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  moment.nanoseconds = (int64_t{hour} * 3600 + int64_t{minute} * 60 + second) * kNanosecondsPerSecond;
  return !has_seconds || take_fraction(rest, moment.nanoseconds, moment.fraction_digits);
}

bool take_zone(std::string_view& rest, Moment& moment) {
  if (rest.empty()) return false;
  const char sign = rest.front();
  rest.remove_prefix(1);
  moment.zoned = true;
  if (sign == 'Z') return true;
  unsigned hours = 0;
  unsigned minutes = 0;
  if ((sign != '+' && sign != '-') || !two_digits(rest, 0, hours)) return false;
  rest.remove_prefix(2);
  if (!rest.empty() && rest.front() == ':') {
    rest.remove_prefix(1);
    if (rest.size() < 2) return false;
  }
  if (!rest.empty()) {
    if (!two_digits(rest, 0, minutes)) return false;
    rest.remove_prefix(2);
  }
  if (hours > 15 || minutes > 59) return false;
  moment.offset_minutes = static_cast<int>(hours * 60 + minutes) * (sign == '-' ? -1 : 1);
  return true;
}

struct Parts {
  unsigned year = 1970;
  unsigned month = 1;
  unsigned day = 1;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

bool take_two(std::string_view& rest, unsigned& value) {
  if (!two_digits(rest, 0, value)) return false;
  rest.remove_prefix(2);
  return true;
}

bool take_part(char which, std::string_view& rest, Parts& parts, Moment& moment) {
  unsigned century = 0;
  switch (which) {
    case 'Y':
      if (!take_two(rest, century) || !take_two(rest, parts.year)) return false;
      parts.year += 100 * century;
      return true;
    case 'm': return take_two(rest, parts.month);
    case 'd': return take_two(rest, parts.day);
    case 'H': return take_two(rest, parts.hour) && parts.hour < 24;
    case 'M': return take_two(rest, parts.minute) && parts.minute < 60;
    case 'S':
      return take_two(rest, parts.second) && parts.second < 60 &&
             take_fraction(rest, moment.nanoseconds, moment.fraction_digits);
    case 'z': return take_zone(rest, moment);
    default: return false;
  }
}

}  // namespace

CivilDate civil_of(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
  const unsigned shifted = (5 * of_year + 2) / 153;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {.year = static_cast<int64_t>(of_era) + era * 400 + (month <= 2 ? 1 : 0),
          .month = month,
          .day = of_year - (153 * shifted + 2) / 5 + 1};
}

bool Moment::to_units(int64_t per_second, int64_t& value) const {
  const int64_t step = kNanosecondsPerSecond / per_second;
  if (nanoseconds % step != 0) return false;
  const auto exact =
      (static_cast<Int128>(days) * 86400 - Int128{offset_minutes} * 60) * per_second + nanoseconds / step;
  if (exact > std::numeric_limits<int64_t>::max() || exact < std::numeric_limits<int64_t>::min()) return false;
  value = static_cast<int64_t>(exact);
  return true;
}

bool parse_date(std::string_view text, int64_t& days) {
  const bool expanded = !text.empty() && (text.front() == '+' || text.front() == '-');
  if (text.size() < 10 || (!expanded && text.size() > 10)) return false;
  const auto years = text.substr(expanded ? 1 : 0, text.size() - (expanded ? 7 : 6));
  uint64_t year = 0;
  if (years.size() < 4 || years.size() > 9 || !parse_digits(years, year)) return false;
  const auto rest = text.substr(text.size() - 6);
  unsigned month = 0;
  unsigned day = 0;
  if (rest[0] != '-' || rest[3] != '-' || !two_digits(rest, 1, month) || !two_digits(rest, 4, day)) return false;
  const int64_t signed_year = text.front() == '-' ? -static_cast<int64_t>(year) : static_cast<int64_t>(year);
  if (!valid_date(signed_year, month, day)) return false;
  days = days_of(signed_year, month, day);
  return true;
}

bool parse_time(std::string_view text, int64_t& nanoseconds, int& fraction_digits) {
  Moment moment;
  if (!take_time(text, true, moment) || !text.empty()) return false;
  nanoseconds = moment.nanoseconds;
  fraction_digits = moment.fraction_digits;
  return true;
}

bool parse_timestamp(std::string_view text, Moment& moment) {
  moment = {};
  const bool expanded = !text.empty() && (text.front() == '+' || text.front() == '-');
  const size_t date_size = expanded ? text.find_first_of("T ") : 10;
  if (date_size >= text.size() || (text[date_size] != 'T' && text[date_size] != ' ')) return false;
  if (!parse_date(text.substr(0, date_size), moment.days)) return false;
  text.remove_prefix(date_size + 1);
  if (!take_time(text, false, moment)) return false;
  return text.empty() || (take_zone(text, moment) && text.empty());
}

bool parse_moment(std::string_view text, const std::string& format, Moment& moment) {
  moment = {};
  Parts parts;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%' && i + 1 < format.size()) {
      if (!take_part(format[++i], text, parts, moment)) return false;
    } else {
      if (text.empty() || text.front() != format[i]) return false;
      text.remove_prefix(1);
    }
  }
  if (!text.empty() || !valid_date(parts.year, parts.month, parts.day)) return false;
  moment.days = days_of(parts.year, parts.month, parts.day);
  moment.nanoseconds +=
      (int64_t{parts.hour} * 3600 + int64_t{parts.minute} * 60 + parts.second) * kNanosecondsPerSecond;
  return true;
}

void append_date(int64_t days, std::string& out) {
  const auto date = civil_of(days);
  const bool plain = date.year >= 0 && date.year <= 9999;
  const char* sign = date.year < 0 ? "-" : plain ? "" : "+";
  fmt::format_to(std::back_inserter(out), "{}{:04}-{:02}-{:02}", sign, date.year < 0 ? -date.year : date.year,
                 date.month, date.day);
}

void append_time(int64_t nanoseconds, std::string& out) {
  const int64_t seconds = nanoseconds / kNanosecondsPerSecond;
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  int64_t fraction = nanoseconds % kNanosecondsPerSecond;
  if (fraction == 0) return;
  int digits = 9;
  for (; fraction % 10 == 0; --digits) fraction /= 10;
  fmt::format_to(std::back_inserter(out), ".{:0{}}", fraction, digits);
}

}  // namespace mainstem::format::csv
