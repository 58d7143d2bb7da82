#pragma once

#include <arrow/type_fwd.h>
#include <optional>
#include <string>

#include "cli/terminal/terminal.h"
#include "config/fields.h"

namespace mainstem {
struct Context;
}

namespace mainstem::cli::view {

/// Options of commands that show rows.
struct ViewArguments {
  std::optional<int64_t> limit;
  std::string format = "table";
  std::string chart;
  bool whole = false;  ///< no cell may be cut: what does not fit beside each other goes below; no option

  /// Most rows to show; -1 = all. Without a wish a table ends after a hundred, and a file format has no end: who
  /// writes a file wants what there is.
  int64_t most_rows(const terminal::Terminal& terminal) const;
};
const config::Fields<ViewArguments>& view_fields();

/// Shows rows as a table for people (a line a cell where even narrow columns do not fit), with bars below if asked, or
/// in a file format. Errors: invalid_config for a format
/// or chart column that there is not.
Result<void> show_rows(terminal::Terminal& terminal, Context& context, const arrow::Table& rows,
                       const ViewArguments& view);

}  // namespace mainstem::cli::view
