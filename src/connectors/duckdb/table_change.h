#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/options.h"

namespace mainstem::connectors::duckdb {

/// A column as SQL defines it.
struct ColumnDefinition {
  std::string name;
  std::string sql_type;
  bool nullable = true;

  std::string sql() const;
};

/// What publishing makes of the target's shape.
struct TableChange {
  bool create = false;                    ///< the staged table takes the target's place
  std::vector<ColumnDefinition> staged;   ///< columns written, in the request's order, named as in the target
  std::vector<ColumnDefinition> added;    ///< that the target lacks
  std::vector<ColumnDefinition> widened;  ///< whose type in the target becomes wider
};

/// Compares a request with the table as it stands (empty = there is none). Errors, all before a row is read:
/// invalid_config for a missing key, unknown columns, a view as target, types that do not fit or columns that the
/// target needs; unsupported for types that DuckDB has nothing like.
Result<TableChange> plan_change(const connector::WriteRequest& request, const std::optional<Table>& existing,
                                const TargetOptions& options);

}  // namespace mainstem::connectors::duckdb
