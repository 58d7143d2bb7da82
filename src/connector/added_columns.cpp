#include "connector/added_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "observability/context.h"

namespace mainstem::connector {

void tell_added_columns(Context& context, const std::string& table, const std::vector<std::string>& columns) {
  if (columns.empty()) return;
  context.log.warn(
      "columns are missing in a target and will be added: rows that are there already, and are not written again, have "
      "null in them. Run with --full to fill them",
      {{"table", table}, {"columns", fmt::format("{}", fmt::join(columns, ","))}});
}

void tell_unfilled_columns(Context& context, const std::string& table, const std::vector<std::string>& columns) {
  if (columns.empty()) return;
  context.log.warn("columns of a target are not among what is written: new rows have null in them",
                   {{"table", table}, {"columns", fmt::format("{}", fmt::join(columns, ","))}});
}

}  // namespace mainstem::connector
