#pragma once

#include "format/format.h"
#include "format/json/options.h"

namespace mainstem::format::json {

// What this format's FormatSpec points to.

/// Looks at every record once to find the columns and their types.
Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request);

Result<void> check_write_options(const config::Node& node);

/// Writes each row as an object with a member for every column, null included. Numbers and decimals keep all digits.
/// Errors: unsupported, for a type without JSON form; invalid_data, for NaN and infinities if the options say so.
Result<std::unique_ptr<Writer>> open_writer(Context& context, WriteRequest request);

}  // namespace mainstem::format::json
