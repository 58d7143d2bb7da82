#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>

#include "base/result.h"
#include "duckdb/handle.h"

namespace mainstem::duckdb {

/// DuckDB's type of a table function's column that holds Arrow values. The counterpart of `sql_type`.
Result<TypeHandle> input_type(const arrow::DataType& type);

/// How a column of a result leaves as Arrow. Types which Arrow lacks, or that few targets know, are cast in SQL first:
/// HUGEINT to DECIMAL(38,0) (which fails where it does not fit), ARRAY to a list, UNION to JSON, ENUM, UUID, BIT, ...
/// to text.
struct OutputType {
  std::shared_ptr<arrow::DataType> arrow;
  std::string sql;  ///< of the type after the cast
  bool needs_cast = false;
};

/// Errors: unsupported, naming the type; the caller adds the column.
Result<OutputType> output_type(duckdb_logical_type type);

}  // namespace mainstem::duckdb
