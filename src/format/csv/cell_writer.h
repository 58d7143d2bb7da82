#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "format/csv/options.h"

namespace mainstem::format::csv {

/// Writes the values of one type as text without quotes around it. Lossless: the text read as this type is the value.
class CellWriter {
 public:
  virtual ~CellWriter() = default;
  /// The array that further calls mean; it outlives them.
  virtual void bind(const arrow::Array& array) = 0;
  virtual bool is_null(int64_t row) const = 0;
  /// Appends the value of a row that is not null. Errors: invalid_data for a value without text form.
  virtual Result<void> write(int64_t row, std::string& out) const = 0;
  /// True if the text may hold anything, so that it must be looked at for quotes; else digits and the like only.
  virtual bool free_text() const { return false; }
  /// Appends the value as JSON, for values inside nested ones.
  virtual Result<void> write_json(int64_t row, std::string& out) const = 0;
};

/// Errors: unsupported for types without a text form (unions, intervals, run-end encoding, list views).
Result<std::unique_ptr<CellWriter>> make_cell_writer(const arrow::DataType& type, BinaryForm binary);

}  // namespace mainstem::format::csv
