#include "connector/merge.h"

#include <fmt/format.h>

namespace mainstem::connector {

Result<void> check_merged(const PublishedTable& merged, int64_t staged_rows, const TableRef& target,
                          const std::vector<std::string>& key) {
  if (merged.updated + merged.inserted <= staged_rows) return {};
  std::string columns;
  for (const auto& name : key) columns += (columns.empty() ? "" : ", ") + quote_identifier(name);
  return Error(ErrorCode::invalid_data,
               fmt::format("table {} has several rows of one key ({}), which mode merge needs to be "
                           "unique",
                           target.to_string(), fmt::join(key, ", ")))
      .hint(fmt::format("find them by SELECT {0}, count(*) FROM {1} GROUP BY {0} HAVING count(*) > 1", columns,
                        quote_table({.schema = target.schema, .name = target.name})));
}

}  // namespace mainstem::connector
