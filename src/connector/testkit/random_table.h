#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>

#include "base/result.h"

namespace mainstem::connector::testkit {

/// What a system cannot hold of a type's values; everything else is drawn.
struct ValueLimits {
  int first_year = 1;  ///< of dates and timestamps
  int last_year = 9999;
  bool not_a_number = false;   ///< floats: NaN, and the infinities
  bool zero_bytes = false;     ///< text: U+0000
  bool empty_binary = true;    ///< binary of no bytes
  bool nested_nulls = true;    ///< null lists and structs beside empty ones and nulls inside
  int64_t longest_text = 200;  ///< characters
};

/// `rows` values of `type`: nulls, the type's extremes, and random values; text holds quotes, line breaks, delimiters
/// and characters of one to four bytes. Equal seeds give equal values on every machine. Errors: unsupported, for a type
/// it has no rule for.
Result<std::shared_ptr<arrow::Array>> random_array(const std::shared_ptr<arrow::DataType>& type, int64_t rows,
                                                   uint64_t seed, const ValueLimits& limits);

/// Columns by the fields of `schema`, each drawn from a seed of its own; a field that is not nullable has no nulls. A
/// column named `row` holds 0, 1, 2, ... to find the rows' order again.
Result<std::shared_ptr<arrow::RecordBatch>> random_table(const std::shared_ptr<arrow::Schema>& schema, int64_t rows,
                                                         uint64_t seed, const ValueLimits& limits);

}  // namespace mainstem::connector::testkit
