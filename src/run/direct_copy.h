#pragma once

#include "base/result.h"
#include "run/source_frame.h"
#include "run/target_frame.h"

namespace mainstem::run {

/// Carries a source's rows into a target without an engine between: each of `threads` threads takes parts of the source
/// and writes their batches into a lane as they come, so memory holds one batch a thread. The first error stops all.
Result<void> copy_directly(SourceFrame& source, TargetFrame& target, int threads);

}  // namespace mainstem::run
