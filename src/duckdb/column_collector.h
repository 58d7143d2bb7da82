#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "duckdb/api.h"

namespace mainstem::duckdb {

/// Gathers one column's values from chunks into an Arrow array.
class ColumnCollector {
 public:
  virtual ~ColumnCollector() = default;

  /// Looks at a chunk's column, from which the next `append`s take.
  virtual Result<void> open(duckdb_vector vector, idx_t rows) = 0;
  /// Bytes that these rows will take.
  virtual int64_t measure(idx_t from, idx_t count) const = 0;
  virtual Result<void> append(idx_t from, idx_t count) = 0;
  /// Bytes gathered so far.
  virtual int64_t bytes() const = 0;
  /// The array of all values since the last call.
  virtual Result<std::shared_ptr<arrow::Array>> finish() = 0;
};

/// `type` is one that `output_type` gives. `options` outlives the collector.
std::unique_ptr<ColumnCollector> make_column_collector(const std::shared_ptr<arrow::DataType>& type,
                                                       duckdb_arrow_options options);

}  // namespace mainstem::duckdb
