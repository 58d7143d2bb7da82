#pragma once

#include <memory>

#include "base/result.h"
#include "format/format.h"

namespace mainstem::format::csv {

/// Writes RFC 4180 text in UTF-8. A text that is empty or equals the text of null is quoted, so that they differ.
/// Errors: unsupported for types without text form, invalid_data for texts with NUL bytes, which no reader takes.
Result<std::unique_ptr<Writer>> open_writer(Context& context, WriteRequest request);

}  // namespace mainstem::format::csv
