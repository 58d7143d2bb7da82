#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connector/source.h"
#include "connectors/postgres/column_decoder.h"
#include "connectors/postgres/connection.h"

namespace mainstem::connectors::postgres {

/// What a COPY TO STDOUT (FORMAT binary) gives, and how it becomes batches.
struct CopyShape {
  std::string object;  ///< table or query, for rejects
  std::shared_ptr<arrow::Schema> schema;
  std::vector<ReadType> types;
  DecodeOptions decode;
};

/// Batches of one COPY. Gives its connection back through `done` once everything was read.
class CopyReader final : public connector::BatchReader {
 public:
  using Done = std::function<void(std::unique_ptr<Connection>)>;
  /// Starts the copy. `shape` outlives the reader.
  static Result<std::unique_ptr<CopyReader>> start(Context& context, std::unique_ptr<Connection> connection,
                                                   const CopyShape& shape, const std::string& sql, Done done);

  Result<std::optional<columnar::Batch>> next(Context& context) override;

 private:
  CopyReader(std::unique_ptr<Connection> connection, const CopyShape& shape, Done done);
  /// Takes in all rows of one message.
  Result<void> take(std::string_view message, std::vector<columnar::Reject>& rejects);
  Result<void> take_row(std::string_view& rest, std::vector<columnar::Reject>& rejects);
  columnar::Reject reject(size_t column, Outcome outcome) const;
  Result<std::shared_ptr<arrow::RecordBatch>> finish_rows();

  std::unique_ptr<Connection> connection_;
  const CopyShape& shape_;
  Done done_;
  std::vector<std::unique_ptr<ColumnDecoder>> columns_;
  std::vector<std::optional<std::string_view>> values_;  // of the row at hand
  int64_t rows_ = 0;
  bool header_read_ = false;
  bool ended_ = false;
};

}  // namespace mainstem::connectors::postgres
