#include "engines/duckdb/schema_rules.h"

#include <arrow/api.h>
#include <fmt/format.h>
#include <set>

namespace mainstem::engines::duckdb {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

Result<void> check_column_names(const arrow::Schema& schema, std::string_view of) {
  std::set<std::string> seen;
  for (const auto& name : schema.field_names())
    if (!seen.insert(lower_case(name)).second)
      return Error(ErrorCode::invalid_config, fmt::format("{} has two columns named {}", of, name))
          .hint("give each column a name of its own with AS; upper and lower case are the same");
  return {};
}

}  // namespace mainstem::engines::duckdb
