#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "sqlite/statement.h"

namespace mainstem::connectors::sqlite {

/// One column of a result on its way into Arrow arrays. A value that does not fit the column's type is never bent: a
/// null stands in its place and the caller rejects the row. One thread.
class ColumnDecoder {
 public:
  virtual ~ColumnDecoder() = default;
  /// Appends the current row's value. Returns its bytes, roughly, or -1 if it does not fit.
  virtual int64_t append(const mainstem::sqlite::Statement& row, int column) = 0;
  /// What was appended since the last call. Errors: resource_exhausted.
  virtual Result<std::shared_ptr<arrow::Array>> finish() = 0;
  /// The code of rejects: "invalid_integer", "invalid_date", ...
  virtual const char* code() const = 0;
};

/// Errors: unsupported, for types that no column of SQLite is read as.
Result<std::unique_ptr<ColumnDecoder>> make_decoder(const std::shared_ptr<arrow::DataType>& type);

/// The current row's columns from `first` on as a JSON object, for the raw text of a reject; blobs in hexadecimal.
/// `names` are of those columns.
std::string row_as_json(const mainstem::sqlite::Statement& row, int first, const std::vector<std::string>& names);

}  // namespace mainstem::connectors::sqlite
