#pragma once

#include <arrow/type_fwd.h>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv/cells.h"
#include "format/csv/inference.h"

namespace mainstem::format::csv {

/// A field that does not hold a value of its column's type.
struct BadField {
  size_t row = 0;
  std::string code;
  std::string reason;
};

/// Turns the fields of one column into an Arrow array. Used by one thread at a time.
class ColumnReader {
 public:
  virtual ~ColumnReader() = default;
  /// The array of all rows, with anything at the rows that are added to `bad`.
  virtual Result<std::shared_ptr<arrow::Array>> read(Cells& cells, std::vector<BadField>& bad) = 0;
};

/// Errors: unsupported for types without a text form that can be read (nested, union, interval).
Result<std::unique_ptr<ColumnReader>> make_column_reader(const std::shared_ptr<arrow::DataType>& type,
                                                         const TypeRules& rules, BinaryForm binary);

}  // namespace mainstem::format::csv
