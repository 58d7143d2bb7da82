#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "sqlite/statement.h"

namespace mainstem::connectors::sqlite {

/// Binds the values of one Arrow array to a parameter, row by row, in the form that `declared_for` promises. One
/// thread.
class ColumnBinder {
 public:
  virtual ~ColumnBinder() = default;
  /// What is bound lives until the next call. Errors: invalid_data for values that SQLite has no form for (NaN, years
  /// beyond 9999).
  virtual Result<void> bind(mainstem::sqlite::Statement& statement, int parameter, int64_t row) = 0;
};

/// Errors: unsupported.
Result<std::unique_ptr<ColumnBinder>> make_binder(const std::shared_ptr<arrow::Array>& array);

}  // namespace mainstem::connectors::sqlite
