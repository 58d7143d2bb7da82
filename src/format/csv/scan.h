#pragma once

#include <memory>

#include "base/result.h"
#include "format/format.h"

namespace mainstem::format::csv {

/// Settles dialect, header, types and cuts over all inputs. Errors: invalid_data where the dialect is doubtful or the
/// inputs differ in their columns; invalid_config for declared or wanted columns that are not there.
Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request);

}  // namespace mainstem::format::csv
