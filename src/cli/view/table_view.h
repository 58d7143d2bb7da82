#pragma once

#include <arrow/type_fwd.h>
#include <string>

#include "cli/terminal/terminal.h"
#include "config/fields.h"

namespace mainstem {
struct Context;
}

namespace mainstem::cli::view {

/// Options of commands that show rows.
struct ViewArguments {
  int64_t limit = 100;
  std::string format = "table";
  std::string chart;
};
const config::Fields<ViewArguments>& view_fields();

/// Shows rows as a table for people, with bars below if asked, or in a file format. Errors: invalid_config for a format
/// or chart column that there is not.
Result<void> show_rows(terminal::Terminal& terminal, Context& context, const arrow::Table& rows,
                       const ViewArguments& view);

}  // namespace mainstem::cli::view
