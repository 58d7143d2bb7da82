#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mainstem::observability {

enum class Level { debug, info, warn, error };

/// Key and value of a log line; values are plain text without secrets (a `Secret` has none).
using LogFields = std::vector<std::pair<std::string, std::string>>;

/// Where a run writes what happens. Implementations are safe to call from several threads.
class Log {
 public:
  virtual ~Log() = default;
  /// `event` is a stable, static sentence; what varies goes into `fields`.
  virtual void write(Level level, std::string_view event, const LogFields& fields) = 0;

  void debug(std::string_view event, const LogFields& fields = {}) { write(Level::debug, event, fields); }
  void info(std::string_view event, const LogFields& fields = {}) { write(Level::info, event, fields); }
  void warn(std::string_view event, const LogFields& fields = {}) { write(Level::warn, event, fields); }
  void error(std::string_view event, const LogFields& fields = {}) { write(Level::error, event, fields); }
};

/// Throws every line away.
class NullLog final : public Log {
 public:
  void write(Level, std::string_view, const LogFields&) override {}
};

}  // namespace mainstem::observability
