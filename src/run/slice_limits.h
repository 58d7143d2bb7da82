#pragma once

#include <chrono>
#include <cstdint>

namespace mainstem::run {

/// Where a micro-batch ends, that is what one run takes of a source that goes on for ever: after so many rows or so
/// much time, whichever is first, at the next place that is safe.
struct SliceLimits {
  int64_t rows = 1'000'000;
  std::chrono::milliseconds time{10'000};
};

}  // namespace mainstem::run
