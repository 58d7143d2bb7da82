#pragma once

#include "cli/terminal/terminal.h"
#include "observability/log.h"

namespace mainstem::cli::view {

/// Warnings and errors of a run as lines on standard error; the rest is not for people who wait.
class LogLines final : public observability::Log {
 public:
  explicit LogLines(terminal::Terminal& terminal) : terminal_(terminal) {}
  void write(observability::Level level, std::string_view event, const observability::LogFields& fields) override;

 private:
  terminal::Terminal& terminal_;
};

}  // namespace mainstem::cli::view
