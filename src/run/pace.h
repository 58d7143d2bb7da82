#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

#include "base/clock.h"
#include "base/result.h"

namespace mainstem {
struct Context;
}

namespace mainstem::run {

/// Where a micro-batch ends, that is what one run takes of a source that goes on for ever: after so many rows or so
/// much time, whichever is first, at the next place that is safe.
struct SliceLimits {
  int64_t rows = 1'000'000;
  std::chrono::milliseconds time{10'000};
};

/// Lets time pass; empty = the thread sleeps. Tests let a clock of theirs go on instead.
using Sleep = std::function<void(std::chrono::milliseconds)>;

/// The pauses that the system behind one connection has asked for. All readers of the connection keep them together, as
/// its limits are for all of them together. Thread-safe.
class Pace {
 public:
  /// `clock` outlives this.
  Pace(const Clock& clock, Sleep sleep);

  /// Returns when no pause is in force. Errors: cancelled.
  Result<void> wait(const Context& context);
  /// Takes an error of the `attempt`-th try (from 1) as a wish for a pause. False if it is none: the error is not
  /// retryable or has no `retry_after`, it was tried often enough, or the pause is longer than an hour.
  bool postpone(const Error& error, int attempt);

 private:
  const Clock& clock_;
  Sleep sleep_;
  std::mutex mutex_;
  Clock::TimePoint until_{};
};

/// Calls `work` until it succeeds or fails for good, with the pauses that it is asked for.
template <class Work>
auto patiently(const Context& context, Pace& pace, const Work& work) -> decltype(work()) {
  for (int attempt = 1;; ++attempt) {
    MS_TRY(pace.wait(context));
    auto result = work();
    if (result || !pace.postpone(result.error(), attempt)) return result;
  }
}

}  // namespace mainstem::run
