#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mainstem {

/// What kind of thing went wrong. Closed: callers decide by code (retry, exit status), never by wording.
enum class ErrorCode {
  invalid_config,      ///< something the user wrote in a file, a URL or on the command line
  invalid_data,        ///< a value, a row or a file that does not hold what it should
  check_failed,        ///< a data check or a budget of bad rows stopped the run
  not_found,           ///< a file, table, column, database, run
  already_exists,      ///< something that must not be there yet
  unauthenticated,     ///< wrong or missing credentials
  permission_denied,   ///< known, but not allowed
  unavailable,         ///< cannot be reached, or went away in the middle
  rate_limited,        ///< told to slow down
  timeout,             ///< took longer than allowed
  cancelled,           ///< the user or a caller asked to stop
  conflict,            ///< somebody else changed or holds it (a lock, another run)
  resource_exhausted,  ///< memory, disk, connections, a limit of ours
  unsupported,         ///< understood, but this system cannot do it
  internal,            ///< a bug in Mainstem
};

/// The code's stable name, as in `--json` documents ("invalid_data").
std::string_view to_string(ErrorCode code);

/// True if the same call may succeed later without anything being changed. The one place that decides about retries.
bool is_retryable(ErrorCode code);

/// A place in a text file the user wrote. Lines and columns count from 1; 0 = unknown.
struct FilePosition {
  std::string file;
  int line = 0;
  int column = 0;

  /// "file:line:column", leaving out what is unknown.
  std::string to_string() const;
};

/// An expected failure: what went wrong, where, in the course of what, and what to do about it.
/// A value; never thrown. Holds no secrets: `Secret` cannot be formatted into a message.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  /// What the reader should do next; one sentence.
  Error&& hint(std::string text) &&;
  /// Where in a file of the user's it stands. Keeps the first (innermost) known position.
  Error&& at(FilePosition position) &&;
  /// Adds the enclosing activity in the gerund ("reading page 3"); call it from the inside out.
  Error&& during(std::string activity) &&;
  /// The server's own wish for a pause before the next try.
  Error&& retry_after(std::chrono::milliseconds pause) &&;

  ErrorCode code() const { return code_; }
  /// The innermost message alone.
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const std::optional<FilePosition>& position() const { return position_; }
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }
  bool retryable() const { return is_retryable(code_); }

  /// "loading orders: reading page 3: HTTP 503" - contexts from the outside in, then the message; no hint, no position.
  std::string chain() const;
  /// One line for people: position, chain, hint.
  std::string to_string() const;

 private:
  ErrorCode code_;
  std::string message_;
  std::string hint_;
  std::optional<FilePosition> position_;
  std::optional<std::chrono::milliseconds> retry_after_;
  std::vector<std::string> activities_;  // innermost first
};

}  // namespace mainstem
