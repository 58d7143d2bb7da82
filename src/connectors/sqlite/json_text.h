#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace mainstem::connectors::sqlite {

/// One value of a list, struct or map array as JSON; maps are lists of {"key", "value"}. Numbers stay exact; what JSON
/// has no form for is text, binary values in hexadecimal. Errors: invalid_data (NaN, infinity).
Result<std::string> json_text(const arrow::Array& array, int64_t row);

}  // namespace mainstem::connectors::sqlite
