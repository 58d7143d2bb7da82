#pragma once

#include <atomic>

#include "base/result.h"

namespace mainstem {

/// A run's wish to stop, set once from any thread or a signal handler and polled by all long loops.
/// First `request` = stop at the next safe point; `request_now` = stop at once.
class Cancellation {
 public:
  void request() { level_.store(kSoon, std::memory_order_relaxed); }
  void request_now() { level_.store(kNow, std::memory_order_relaxed); }
  bool requested() const { return level_.load(std::memory_order_relaxed) != kNone; }
  bool requested_now() const { return level_.load(std::memory_order_relaxed) == kNow; }

  /// An error of code `cancelled` if a stop was requested; to be called between units of work.
  Result<void> check() const {
    if (requested()) return Error(ErrorCode::cancelled, "stopped on request");
    return {};
  }

 private:
  static constexpr int kNone = 0;
  static constexpr int kSoon = 1;
  static constexpr int kNow = 2;
  std::atomic<int> level_{kNone};
};

}  // namespace mainstem
