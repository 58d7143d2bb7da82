#pragma once

#include <memory>

#include "engine/engine.h"

namespace mainstem::engines::duckdb {

/// A database in memory, sealed off from files, network, extensions and settings, that spills into a folder of its own
/// in the context's scratch directory. `context` outlives the session.
Result<std::unique_ptr<engine::Session>> open_session(Context& context, const engine::SessionLimits& limits);

}  // namespace mainstem::engines::duckdb
