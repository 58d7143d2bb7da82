#pragma once

namespace mainstem {

/// Prints the failed condition and stops the process. For bugs of ours, never for input.
[[noreturn]] void check_failed(const char* condition, const char* message, const char* file, int line);

}  // namespace mainstem

/// Stops the process if `condition` does not hold: a bug of ours, which no input can cause.
#define CHECK(condition, message) \
  ((condition) ? static_cast<void>(0) : ::mainstem::check_failed(#condition, message, __FILE__, __LINE__))
