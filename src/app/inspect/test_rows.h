#pragma once

#include <arrow/type_fwd.h>
#include <memory>

#include "base/result.h"
#include "pipeline/spec.h"

namespace mainstem::app::inspect {

/// The rows of a test as a table: declared types where given, otherwise integer, decimal, boolean, date, timestamp or
/// text, whichever fits all values of the column. Errors: invalid_config, placed at the value that does not fit.
Result<std::shared_ptr<arrow::Table>> to_table(const pipeline::TestTable& rows);

}  // namespace mainstem::app::inspect
