#pragma once

#include <memory>

#include "engine/engine.h"

namespace mainstem::engines::duckdb {

/// Looks into SQL with DuckDB's own parser and binder, over empty tables.
/// Loads DuckDB when it is first asked something; errors of that are those of the question.
std::unique_ptr<engine::Analyzer> open_analyzer();

}  // namespace mainstem::engines::duckdb
