#pragma once

#include <memory>

#include "format/format.h"

namespace mainstem::format::arrow_ipc {

/// Finds out the layout of each input. A task is a run of record batches of a file, counted from its offset, or a whole
/// stream.
Result<std::unique_ptr<Scan>> plan_scan(Context& context, ScanRequest request);

/// Begins a file or stream in the request's stream.
Result<std::unique_ptr<Writer>> open_writer(Context& context, WriteRequest request);

}  // namespace mainstem::format::arrow_ipc
