#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>

#include "base/result.h"

namespace mainstem::duckdb {

/// DuckDB's type for an Arrow type, as SQL writes it ("DECIMAL(12,2)", "STRUCT(\"a\" INTEGER)[]"). Times of day keep
/// their unit, instants become microseconds, dictionaries their values' type. Errors: unsupported, for types that
/// DuckDB has nothing like (unions, decimals of more than 38 digits).
Result<std::string> sql_type(const arrow::DataType& type);

}  // namespace mainstem::duckdb
