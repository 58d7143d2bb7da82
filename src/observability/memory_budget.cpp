#include "observability/memory_budget.h"

#include "base/check.h"

namespace mainstem::observability {

bool MemoryBudget::try_reserve(int64_t bytes) {
  CHECK(bytes >= 0, "a reservation is never negative");
  int64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ - used) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  int64_t peak = peak_.load(std::memory_order_relaxed);
  while (used + bytes > peak && !peak_.compare_exchange_weak(peak, used + bytes, std::memory_order_relaxed)) {
  }
  return true;
}

void MemoryBudget::release(int64_t bytes) {
  const int64_t before = used_.fetch_sub(bytes, std::memory_order_relaxed);
  CHECK(before >= bytes, "released more than was reserved");
}

}  // namespace mainstem::observability
