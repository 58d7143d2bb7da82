#pragma once

#include <string>
#include <vector>

namespace mainstem {
struct Context;
}

namespace mainstem::connector {

/// Tells that a run will add columns to a table that keeps rows: these have null in them, whether a column is new in
/// the source or somebody has dropped it from the table. Sinks call it from `check`.
void tell_added_columns(Context& context, const std::string& table, const std::vector<std::string>& columns);

/// Tells that columns of the table get no value from a run, so that new rows have null in them. Those that the table
/// fills by itself are not meant. Sinks call it from `check`.
void tell_unfilled_columns(Context& context, const std::string& table, const std::vector<std::string>& columns);

}  // namespace mainstem::connector
