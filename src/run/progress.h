#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <vector>

namespace mainstem::run {

/// Live counters of one step. Written by its threads, read by whoever draws the progress bar.
struct StepCounters {
  std::string name;
  std::string kind;                      ///< source, model, target
  std::atomic<int64_t> rows_read{0};     ///< records seen: rows and rejects
  std::atomic<int64_t> rows_written{0};  ///< handed on
  std::atomic<int64_t> rows_quarantined{0};
  std::atomic<int64_t> rows_filtered{0};  ///< left out on purpose: not newer than the cursor
  std::atomic<int64_t> bytes{0};          ///< of Arrow data handed on
  std::atomic<int64_t> estimated_rows{-1};
  std::atomic<bool> done{false};
  double seconds = 0;  ///< set when done
};

/// What a run is at, and its steps in the order in which they began. Thread-safe; references to steps stay valid as
/// long as this object lives.
class Progress {
 public:
  StepCounters& add(std::string name, std::string kind) {
    const std::lock_guard lock(mutex_);
    auto& step = steps_.emplace_back();
    step.name = std::move(name);
    step.kind = std::move(kind);
    return step;
  }
  std::vector<const StepCounters*> steps() const {
    const std::lock_guard lock(mutex_);
    std::vector<const StepCounters*> result;
    for (const auto& step : steps_) result.push_back(&step);
    return result;
  }
  /// In words: "verifying orders".
  void set_phase(std::string phase) {
    const std::lock_guard lock(mutex_);
    phase_ = std::move(phase);
  }
  std::string phase() const {
    const std::lock_guard lock(mutex_);
    return phase_;
  }

 private:
  mutable std::mutex mutex_;
  std::string phase_;
  std::list<StepCounters> steps_;
};

}  // namespace mainstem::run
