#pragma once

#include <memory>

#include "format/format.h"

namespace mainstem::format::parquet {

/// Reads all footers and cuts the row groups into tasks; a task's offset and length count row groups.
Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request);

/// Begins a file in the request's stream.
Result<std::unique_ptr<Writer>> open_writer(Context& context, WriteRequest request);

}  // namespace mainstem::format::parquet
