#pragma once

#include <memory>
#include <string>

#include "duckdb/connection.h"
#include "duckdb/error.h"
#include "duckdb/handle.h"

namespace mainstem::duckdb {

/// Makes a function of one text known to a connection; DuckDB owns it from then on. Errors: already_exists.
Result<void> register_text_function(duckdb_connection connection, const std::string& name, TextFunction function,
                                    std::shared_ptr<ErrorSlot> errors);

}  // namespace mainstem::duckdb
