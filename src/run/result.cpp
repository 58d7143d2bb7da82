#include "run/result.h"

#include <fmt/format.h>

namespace mainstem::run {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::failed: return "failed";
    case Outcome::blocked: return "blocked";
    case Outcome::cancelled: return "cancelled";
    case Outcome::nothing_to_do: return "nothing_to_do";
  }
  return "failed";
}

std::optional<std::string> broken_row_equation(const std::vector<StepResult>& steps) {
  for (const auto& step : steps) {
    const auto accounted = step.rows_written + step.rows_quarantined + step.rows_filtered;
    if (step.rows_read != accounted)
      return fmt::format("{} {}: {} rows read, but {} written + {} quarantined + {} filtered", step.kind, step.name,
                         step.rows_read, step.rows_written, step.rows_quarantined, step.rows_filtered);
  }
  return std::nullopt;
}

}  // namespace mainstem::run
