#pragma once

#include <string_view>

#include "base/result.h"

namespace mainstem::duckdb {

/// The one release that is used: plans and error texts are read, and both change between releases.
inline constexpr std::string_view kVersion = "v1.5.5";

/// Loads DuckDB's shared library, 70 MB that a process which needs no SQL never touches. Done once a process; later
/// calls return the first one's outcome. Searched in this order: the file named by MAINSTEM_DUCKDB_LIBRARY alone, if
/// set; else `../lib/mainstem/`, `./` and `../deps/duckdb/lib/` (a build tree) from the executable, then the system.
/// Thread-safe. Errors: not_found, unsupported (another version).
Result<void> load_library();

}  // namespace mainstem::duckdb
