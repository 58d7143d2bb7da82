#pragma once

#include <string>

#include "base/result.h"
#include "format/csv/dialect.h"

namespace mainstem::format::csv {

/// Decides whether the first record is a header, and names the columns. Types of the columns below text cells are the
/// evidence; where everything is text, cells that look like names do. Errors: invalid_data if it can be read both ways.
Result<void> settle_header(const Sample& sample, const ReadOptions& options, const std::string& file_name,
                           Layout& layout);

}  // namespace mainstem::format::csv
