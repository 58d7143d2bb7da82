#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/clock.h"
#include "observability/log.h"
#include "observability/memory_budget.h"

namespace mainstem {

/// What belongs to one run and every part of it needs. Passed by reference; outlives all that is made with it.
/// Its members are safe to use from several threads.
struct Context {
  Cancellation& cancellation;
  const Clock& clock;
  observability::Log& log;
  observability::MemoryBudget& memory;
  /// Threads that the run may use for readers and lanes; at least 1.
  int threads = 1;
  /// Batches aim at this size; a single row may be larger.
  int64_t batch_bytes = 1 << 20;
  /// Upper limit of rows in a batch. Test modes set 1.
  int64_t batch_rows = 65'536;
  /// An existing folder on local disk for spill and staged files of this run.
  std::string scratch_directory;
  /// Called with the name of each commit boundary as it is reached; tests stop the process there. May be empty.
  std::function<void(std::string_view)> on_point;

  void reached(std::string_view point) const {
    if (on_point) on_point(point);
  }
};

}  // namespace mainstem
