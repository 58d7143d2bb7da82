#pragma once

#include <arrow/type_fwd.h>
#include <string>

#include "base/error.h"

namespace mainstem::format {

/// Translates Arrow's failure to read the object `name` as `title` ("Parquet"): what is no trouble of the system or the
/// network means that the object is damaged, which is invalid_data.
Error read_error(const arrow::Status& status, const std::string& name, const std::string& title);

}  // namespace mainstem::format
