#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "duckdb/api.h"
#include "duckdb/connection.h"

namespace mainstem::duckdb {

using BatchConsumer = std::function<Result<void>(const std::shared_ptr<arrow::RecordBatch>&)>;

class ColumnCollector;

/// Gathers DuckDB's chunks of 2,048 rows into record batches of the wished size. One thread at a time.
class ChunkCollector {
 public:
  /// `schema` consists of types that `output_type` gives. `options` outlives this.
  ChunkCollector(std::shared_ptr<arrow::Schema> schema, duckdb_arrow_options options, BatchSize size);
  ~ChunkCollector();

  /// Takes over the rows of a flat chunk whose columns have the schema's types; full batches go to `consume`.
  Result<void> append(duckdb_data_chunk chunk, const BatchConsumer& consume);
  /// Gives out what is left; nothing if there is nothing.
  Result<void> flush(const BatchConsumer& consume);

 private:
  Result<void> append_rows(idx_t from, idx_t count, const BatchConsumer& consume);
  int64_t bytes() const;

  std::shared_ptr<arrow::Schema> schema_;
  BatchSize size_;
  std::vector<std::unique_ptr<ColumnCollector>> columns_;
  int64_t rows_ = 0;
};

}  // namespace mainstem::duckdb
