#pragma once

#include <arrow/type_fwd.h>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mainstem::connectors::sqlite {

// Dates and times as SQLite's own functions write and read them: ISO 8601, "2026-01-31", "2026-01-31 12:30:00.250000"
// (or with T), and for instants a zone behind ("Z", "+02:00").

/// The zone of a timestamp text: "Z", "+02:00", "-0330", or "" if it has none.
std::string_view zone_of(std::string_view text);

/// Days since 1970; a time of midnight may follow.
std::optional<int32_t> parse_date(std::string_view text);
/// Ticks of `unit` since 1970. A text that has a zone where none is expected, or none where one is, does not parse, nor
/// does one with more digits than the unit holds.
std::optional<int64_t> parse_timestamp(std::string_view text, arrow::TimeUnit::type unit, bool with_zone);
/// Ticks of `unit` since midnight.
std::optional<int64_t> parse_time(std::string_view text, arrow::TimeUnit::type unit);

/// Steps a date or timestamp text back and keeps its form; whole days for dates, whole seconds for timestamps, rounded
/// up. Nothing if it is neither.
std::optional<std::string> step_back(std::string_view text, std::chrono::milliseconds step);

}  // namespace mainstem::connectors::sqlite
