#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace mainstem::engines::duckdb {

/// Where each result column's values come from, from the unoptimised plan that DuckDB's json_serialize_plan gives.
/// Values only: what a query filters, joins, groups or orders by decides which rows appear, not what stands in them,
/// and is left out; but the arguments of a window's PARTITION BY and ORDER BY count, since a rank consists of them.
/// Errors: unsupported, for a plan with an operator that is not known.
Result<std::vector<engine::ColumnLineage>> lineage_of(const nlohmann::json& plan,
                                                      const std::vector<std::string>& columns);

}  // namespace mainstem::engines::duckdb
