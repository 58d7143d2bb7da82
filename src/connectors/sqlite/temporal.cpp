#include "connectors/sqlite/temporal.h"

#include <arrow/type.h>
#include <arrow/util/value_parsing.h>
#include <fmt/format.h>

namespace mainstem::connectors::sqlite {
namespace {

constexpr size_t kDateSize = 10;    // 2026-01-31
constexpr size_t kSecondSize = 19;  // 2026-01-31 12:30:00
constexpr int64_t kSecondsPerDay = 86'400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t digits_in(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 0;
    case arrow::TimeUnit::MILLI: return 3;
    case arrow::TimeUnit::MICRO: return 6;
    case arrow::TimeUnit::NANO: return 9;
  }
  return 0;
}

// Takes zeros off a fraction that has more digits than the unit; other programs like to write seven or nine.
std::string without_spare_zeros(std::string_view text, arrow::TimeUnit::type unit) {
  std::string shorter(text);
  const auto dot = shorter.find('.');
  if (dot == std::string::npos) return shorter;
  size_t end = dot + 1;
  while (end < shorter.size() && is_digit(shorter[end])) ++end;
  size_t kept = end;
  while (kept > dot + 1 + digits_in(unit) && shorter[kept - 1] == '0') --kept;
  if (kept == dot + 1) kept = dot;
  return shorter.erase(kept, end - kept);
}

std::optional<int64_t> parse_exact(std::string_view text, arrow::TimeUnit::type unit) {
  int64_t ticks = 0;
  bool zone = false;
  if (!arrow::internal::ParseTimestampISO8601(text.data(), text.size(), unit, &ticks, &zone)) return std::nullopt;
  return ticks;
}

std::string date_text(int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

int64_t divide_up(int64_t value, int64_t by) { return (value + by - 1) / by; }

}  // namespace

std::string_view zone_of(std::string_view text) {
  if (text.size() <= kDateSize) return {};
  if (text.ends_with('Z') || text.ends_with('z')) return text.substr(text.size() - 1);
  const auto sign = text.find_last_of("+-");
  return sign != std::string_view::npos && sign > kDateSize ? text.substr(sign) : std::string_view();
}

std::optional<int32_t> parse_date(std::string_view text) {
  const auto seconds = parse_timestamp(text, arrow::TimeUnit::SECOND, false);
  if (!seconds || *seconds % kSecondsPerDay != 0) return std::nullopt;
  return static_cast<int32_t>(*seconds / kSecondsPerDay);
}

std::optional<int64_t> parse_timestamp(std::string_view text, arrow::TimeUnit::type unit, bool with_zone) {
  if (text.size() < kDateSize || zone_of(text).empty() == with_zone) return std::nullopt;
  if (const auto ticks = parse_exact(text, unit)) return ticks;
  return parse_exact(without_spare_zeros(text, unit), unit);
}

std::optional<int64_t> parse_time(std::string_view text, arrow::TimeUnit::type unit) {
  if (text.size() < 5 || text[2] != ':') return std::nullopt;
  return parse_timestamp("1970-01-01 " + std::string(text), unit, false);
}

std::optional<std::string> step_back(std::string_view text, std::chrono::milliseconds step) {
  const auto seconds = parse_exact(text.substr(0, kSecondSize), arrow::TimeUnit::SECOND);
  if (!seconds || text.size() < kDateSize) return std::nullopt;
  if (text.size() == kDateSize)
    return date_text(*seconds / kSecondsPerDay - divide_up(step.count(), kSecondsPerDay * 1000));
  if (text.size() < kSecondSize) return std::nullopt;
  const int64_t moved = *seconds - divide_up(step.count(), 1000);
  const int64_t days = (moved - (moved % kSecondsPerDay + kSecondsPerDay) % kSecondsPerDay) / kSecondsPerDay;
  const int64_t rest = moved - days * kSecondsPerDay;
  return fmt::format("{}{}{:02}:{:02}:{:02}{}", date_text(days), text[kDateSize], rest / 3600, rest / 60 % 60,
                     rest % 60, text.substr(kSecondSize));
}

}  // namespace mainstem::connectors::sqlite
