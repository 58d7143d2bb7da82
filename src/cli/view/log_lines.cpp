#include "cli/view/log_lines.h"

#include <string>

namespace mainstem::cli::view {

void LogLines::write(observability::Level level, std::string_view event, const observability::LogFields& fields) {
  if (level < observability::Level::warn) return;
  std::string text(event);
  for (const auto& [key, value] : fields) text.append(" ").append(key).append("=").append(value);
  terminal_.warn(text);
}

}  // namespace mainstem::cli::view
