#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string>

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

/// One value of a list, struct or map array as JSON; maps are lists of {"key", "value"}. Numbers stay exact; what JSON
/// has no form for is text, binary values in hexadecimal. Errors: invalid_data (NaN, infinity).
Result<std::string> json_text(const arrow::Array& array, int64_t row);

/// Errors: unsupported.
Result<std::unique_ptr<ColumnBinder>> make_binder(const std::shared_ptr<arrow::Array>& array);

}  // namespace mainstem::connectors::sqlite
