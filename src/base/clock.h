#pragma once

#include <chrono>
#include <string>

namespace mainstem {

/// Source of the current time; tests inject a fixed one.
class Clock {
 public:
  using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
};

/// "2026-01-01T00:00:00.000000Z".
std::string to_iso8601(Clock::TimePoint time);

}  // namespace mainstem
