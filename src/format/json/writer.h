#pragma once

#include <memory>

#include "config/node.h"
#include "format/format.h"

namespace mainstem::format::json {

Result<void> check_write_options(const config::Node& node);

/// Writes each row as an object with a member for every column, null included. Numbers and decimals keep all digits.
/// Errors: unsupported, for a type without JSON form; invalid_data, for NaN and infinities if the options say so.
Result<std::unique_ptr<Writer>> open_writer(Context& context, WriteRequest request);

}  // namespace mainstem::format::json
