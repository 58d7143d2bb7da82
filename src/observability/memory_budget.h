#pragma once

#include <atomic>
#include <cstdint>

#include "base/units.h"

namespace mainstem::observability {

/// How many bytes of batches a run may hold, shared by its readers, queues and lanes.
/// Thread-safe. The engine has its own limit, which the run sets from what is left here.
class MemoryBudget {
 public:
  explicit MemoryBudget(ByteCount limit) : limit_(limit.bytes) {}

  int64_t limit_bytes() const { return limit_; }
  int64_t used_bytes() const { return used_.load(std::memory_order_relaxed); }
  int64_t peak_bytes() const { return peak_.load(std::memory_order_relaxed); }

  /// Records `bytes` as held. Returns false, holding nothing, if that would pass the limit.
  bool try_reserve(int64_t bytes);
  void release(int64_t bytes);

 private:
  const int64_t limit_;
  std::atomic<int64_t> used_{0};
  std::atomic<int64_t> peak_{0};
};

}  // namespace mainstem::observability
