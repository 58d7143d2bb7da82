#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mainstem {

/// A cron expression: "minute hour day-of-month month day-of-week", each `*`, a number, a range `a-b`, steps `*/n` or
/// `a-b/n`, or a list of them by commas; months and weekdays also as jan..dec, sun..sat (0 and 7 are Sunday); and
/// @hourly, @daily, @weekly, @monthly, @yearly. As in POSIX crontab(5): if both days are restricted, either one
/// matches.
struct Cron {
  std::string text;         ///< as written
  uint64_t minutes = 0;     ///< bit n = minute n
  uint32_t hours = 0;       ///< bit n = hour n
  uint32_t month_days = 0;  ///< bit n = day n, from 1
  uint32_t months = 0;      ///< bit n = month n, from 1
  uint32_t week_days = 0;   ///< bit n = day n, Sunday = 0
  bool any_month_day = true;
  bool any_week_day = true;

  /// True if the given wall-clock minute is a time of this schedule. Month and days as in the bits above.
  bool matches(int minute, int hour, int month_day, int month, int week_day) const;
};

/// Errors: invalid_config; also for a date that never comes (30 February).
Result<Cron> parse_cron(std::string_view text);

}  // namespace mainstem
