#pragma once

#include "format/format.h"

namespace mainstem::format::xml {

/// Reads every input once to find the columns and their types.
Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request);

}  // namespace mainstem::format::xml
