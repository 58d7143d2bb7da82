#pragma once

#include <arrow/type_fwd.h>
#include <string_view>

#include "base/result.h"
#include "format/number_text.h"

namespace mainstem::format {

/// Errors: unsupported, for a type (or a type inside it) that records of text cannot fill, such as unions.
Result<void> check_type(const arrow::DataType& type);

/// Appends a scalar written as text to the builder of its type, without loss: a number that does not fit, a decimal
/// with more digits than the type has, a timestamp with a zone for a type without one (and the reverse) are refused
/// with Status::Invalid, whose message names the reason; the builder is then as before. Other statuses are failures of
/// the builder. Numbers as in `scan_number`, doubles also NaN, Infinity and -Infinity, booleans "true" and "false",
/// dates and times as in ISO 8601, binary as base64.
arrow::Status append_text(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text);

/// The same for the text of a number that was scanned before.
arrow::Status append_number(arrow::ArrayBuilder& builder, const arrow::DataType& type, std::string_view text,
                            const NumberText& number);

/// "invalid_integer", "invalid_decimal", ...: code of the reject for a value that `append_text` refuses.
std::string_view misfit_code(const arrow::DataType& type);

}  // namespace mainstem::format
