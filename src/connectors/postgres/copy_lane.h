#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/postgres/column_encoder.h"
#include "connectors/postgres/connection.h"

namespace mainstem::connectors::postgres {

/// One COPY FROM STDIN (FORMAT binary) on a connection of its own. The server throws its rows away unless `close` ends
/// the copy well.
class CopyLane final : public connector::Lane {
 public:
  /// Called once at the end of the lane: with the rows the server took, or -1 if it was given up.
  using Ended = std::function<void(int64_t rows)>;
  static Result<std::unique_ptr<CopyLane>> start(Context& context, std::unique_ptr<Connection> connection,
                                                 std::shared_ptr<arrow::Schema> schema, const std::string& copy,
                                                 Ended ended);
  ~CopyLane() override;

  Result<void> write(Context& context, const arrow::RecordBatch& batch) override;
  Result<void> close(Context& context) override;

 private:
  CopyLane(std::unique_ptr<Connection> connection, std::shared_ptr<arrow::Schema> schema, Ended ended);
  Result<void> write_row(Context& context, const arrow::RecordBatch& batch, int64_t row);
  Result<void> send(Context& context);

  std::unique_ptr<Connection> connection_;
  std::shared_ptr<arrow::Schema> schema_;
  Ended ended_;
  std::vector<std::unique_ptr<ColumnEncoder>> columns_;
  WireBuffer buffer_;
  int64_t rows_ = 0;
};

}  // namespace mainstem::connectors::postgres
