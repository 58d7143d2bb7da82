#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "engine/engine.h"

namespace mainstem::engines::duckdb {

/// Tables that a query reads, from the syntax tree that DuckDB's json_serialize_sql gives: sorted, without doubles.
/// A table in a CTE counts as often as the CTE is read, and at least once, since DuckDB binds it in any case. A table
/// in the repeating part of a recursive CTE counts twice: it is read in every round.
std::vector<engine::Reference> references_in(const nlohmann::json& tree);

}  // namespace mainstem::engines::duckdb
