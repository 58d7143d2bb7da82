#pragma once

#include <arrow/type_fwd.h>
#include <memory>

#include "columnar/batch.h"
#include "duckdb/connection.h"

namespace mainstem::connectors::duckdb {

/// A running query as a reader whose batches have the schema's types.
class PullReader final : public columnar::BatchReader {
 public:
  PullReader(mainstem::duckdb::BatchPull pull, std::shared_ptr<arrow::Schema> schema)
      : pull_(std::move(pull)), schema_(std::move(schema)) {}

  Result<std::optional<columnar::Batch>> next(Context& context) override;

 private:
  mainstem::duckdb::BatchPull pull_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace mainstem::connectors::duckdb
