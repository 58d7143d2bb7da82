#pragma once

#include "base/cancellation.h"

namespace mainstem::cli {

/// From here on, the first SIGINT or SIGTERM asks `cancellation` (which lives as long as the process) to stop at the
/// next safe point, and a second one ends the process at once, leaving what is staged to the next run. A closed pipe
/// is an error value, which `pipe_closed` remembers.
void watch_signals(Cancellation& cancellation);

/// The signal that came, 0 if none has.
int signal_received();

/// Whether something was written into a pipe that nobody reads any more.
bool pipe_closed();

}  // namespace mainstem::cli
