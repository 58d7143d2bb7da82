#pragma once

#include "format/format.h"
#include "format/json/options.h"

namespace mainstem::format::json {

/// Looks at every record once to find the columns and their types.
Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request);

}  // namespace mainstem::format::json
