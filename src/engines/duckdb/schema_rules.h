#pragma once

#include <arrow/type_fwd.h>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mainstem::engines::duckdb {

/// ASCII letters only, as DuckDB compares names.
std::string lower_case(std::string_view text);

/// Columns of a table have names of their own. `of` says whose they are. Errors: invalid_config.
Result<void> check_column_names(const arrow::Schema& schema, std::string_view of);

}  // namespace mainstem::engines::duckdb
