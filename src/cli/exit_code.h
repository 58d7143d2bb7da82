#pragma once

#include "base/error.h"
#include "run/result.h"

namespace mainstem::cli {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kStoppedByCheck = 3;
inline constexpr int kTemporary = 75;  ///< EX_TEMPFAIL of sysexits.h
inline constexpr int kNothingToDo = 99;
inline constexpr int kPipeClosed = 141;  ///< what a shell says of a process that SIGPIPE (13) has ended

/// The exit code of an error; `cancelled` gives 128 + the signal that came. Without one it was a reader that has gone:
/// then a move of data has failed.
int exit_code(const Error& error);
/// The exit code of a run.
int exit_code(const run::RunResult& result);

}  // namespace mainstem::cli
