#include "cli/exit_code.h"

#include "cli/signals.h"

namespace mainstem::cli {

int exit_code(const Error& error) {
  switch (error.code()) {
    case ErrorCode::invalid_config: return kWrongUsage;
    case ErrorCode::check_failed: return kStoppedByCheck;
    case ErrorCode::cancelled: return signal_received() == 0 ? kFailed : 128 + signal_received();
    default: return error.retryable() ? kTemporary : kFailed;
  }
}

int exit_code(const run::RunResult& result) {
  if (result.error) return exit_code(*result.error);
  return result.status == run::Outcome::nothing_to_do ? kNothingToDo : kOk;
}

}  // namespace mainstem::cli
