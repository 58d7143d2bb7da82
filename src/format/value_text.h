#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace mainstem::format {

/// Appends a scalar as the text that `append_text` (value_append.h) reads back as the same value: decimals with all
/// digits of their scale, doubles in their shortest exact form with a point or exponent, timestamps and dates as in
/// ISO 8601 ("Z" for types with a zone), binary as base64. The value is not null and its type passed `check_type`.
/// Errors: invalid_data, for a timestamp or date outside of the years 0000 to 9999.
Result<void> write_text(const arrow::Array& array, int64_t row, std::string& text);

/// Errors: invalid_data, naming the column, if text anywhere in the batch is not UTF-8.
Result<void> check_utf8(const arrow::RecordBatch& batch);

}  // namespace mainstem::format
