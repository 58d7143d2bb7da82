#pragma once

#include <memory>

#include "engine/engine.h"

namespace mainstem::engines::duckdb {

/// DuckDB in this process. Nothing is loaded until a session or an analyzer is opened.
std::unique_ptr<engine::Engine> make_engine();

}  // namespace mainstem::engines::duckdb
