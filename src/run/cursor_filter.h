#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "columnar/batch.h"
#include "connector/source.h"

namespace mainstem::run {

/// Incremental reading for sources that cannot do it themselves: lets through rows whose cursor column is greater than
/// the last position (or at least that less the lookback), and remembers the greatest value seen. Rows with a null
/// cursor always pass: they cannot be told old from new, and dropping them would lose them. Thread-safe.
class CursorFilter {
 public:
  /// Errors: invalid_config if the column is missing, has a type without an order, or `lookback` does not fit it;
  /// invalid_data if the stored position does not fit the column's type (it has changed since).
  static Result<std::unique_ptr<CursorFilter>> make(const arrow::Schema& schema, const connector::CursorRange& range);

  /// The rows to keep; the same pointer if all of them are.
  Result<std::shared_ptr<arrow::RecordBatch>> apply(const std::shared_ptr<arrow::RecordBatch>& batch);
  /// The greatest value let through or, if there was none, where the last run ended.
  std::optional<columnar::Position> position() const;

 private:
  CursorFilter(int column, std::optional<columnar::Position> before) : column_(column), before_(std::move(before)) {}
  Result<void> remember_greatest(const std::shared_ptr<arrow::Array>& values);

  int column_;
  std::optional<columnar::Position> before_;
  std::shared_ptr<arrow::Scalar> lower_;  // null = none
  bool takes_lower_ = false;              // the edge of a lookback belongs to it
  mutable std::mutex mutex_;
  std::shared_ptr<arrow::Scalar> greatest_;
};

}  // namespace mainstem::run
