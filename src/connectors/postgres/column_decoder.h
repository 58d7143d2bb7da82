#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connectors/postgres/options.h"
#include "connectors/postgres/types.h"

namespace mainstem::connectors::postgres {

/// What became of one value. All but `ok` and `malformed` make the row a reject.
enum class Outcome {
  ok,
  infinite,
  out_of_range,
  not_a_number,
  decimal_overflow,
  invalid_utf8,
  array_shape,
  malformed,  ///< not the bytes of this type: the server and we do not understand each other
};
/// Stable code of a reject, and its text for people.
std::string_view code_of(Outcome outcome);
std::string_view reason_of(Outcome outcome);

struct DecodeOptions {
  Infinity infinity = Infinity::reject;
  bool check_utf8 = false;  ///< the database has no encoding (SQL_ASCII), so text may be anything
};

/// Gathers the values of one column in Arrow's form. Memory is bounded by its user, who calls `finish` in time.
class ColumnDecoder {
 public:
  static std::unique_ptr<ColumnDecoder> make(const ReadType& type, const DecodeOptions& options);
  virtual ~ColumnDecoder() = default;

  /// Takes in a value; unless the outcome is `ok`, nothing was added.
  virtual Outcome append(std::string_view bytes) = 0;
  virtual void append_null() = 0;
  /// Forgets all values behind the first `rows`.
  virtual void truncate(int64_t rows) = 0;
  virtual Result<std::shared_ptr<arrow::Array>> finish() = 0;
};

/// A value for a reject's record; hexadecimal where its type has no simple text.
std::string printed_value(const ReadType& type, std::string_view bytes);

}  // namespace mainstem::connectors::postgres
