#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/postgres/column_encoder.h"
#include "connectors/postgres/connection.h"

namespace mainstem::connectors::postgres {

/// Rows on their way into a table by COPY FROM STDIN (FORMAT binary), on a connection of its own. All is one
/// transaction, which `close` commits: without it the server throws the rows away. The stream is cut into several COPY
/// statements, as only the end of one tells whether the server has refused something.
class CopyLane final : public connector::Lane {
 public:
  /// Called once at the end of the lane: with the rows the server took, or -1 if it was given up.
  using Ended = std::function<void(int64_t rows)>;
  static Result<std::unique_ptr<CopyLane>> start(Context& context, std::unique_ptr<Connection> connection,
                                                 std::shared_ptr<arrow::Schema> schema, const std::string& copy,
                                                 Ended ended);
  ~CopyLane() override;

  /// Texts of a column whose type holds so many characters: the server cuts blanks at their end without a word, so
  /// that such a text is an error here.
  void limit_characters(int column, size_t most) { limits_.push_back({.column = column, .most = most}); }

  Result<void> write(Context& context, const arrow::RecordBatch& batch) override;
  Result<void> close(Context& context) override;

 private:
  CopyLane(std::unique_ptr<Connection> connection, std::shared_ptr<arrow::Schema> schema, std::string copy,
           Ended ended);
  Result<void> begin_copy(Context& context);
  Result<void> end_copy(Context& context);
  Result<void> write_row(Context& context, const arrow::RecordBatch& batch, int64_t row);
  Result<void> send(Context& context);

  std::unique_ptr<Connection> connection_;
  std::shared_ptr<arrow::Schema> schema_;
  const std::string copy_;
  struct Limit {
    int column;
    size_t most;
  };

  Ended ended_;
  std::vector<Limit> limits_;
  std::vector<std::unique_ptr<ColumnEncoder>> columns_;
  WireBuffer buffer_;
  size_t sent_ = 0;    // bytes of the COPY that is open
  int64_t rows_ = 0;   // given
  int64_t taken_ = 0;  // as the server counts
};

}  // namespace mainstem::connectors::postgres
