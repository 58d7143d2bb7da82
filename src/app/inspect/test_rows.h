#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/spec.h"

namespace mainstem::app::inspect {

/// The columns that the rows name, those declared first.
std::vector<std::string> column_names(const pipeline::TestTable& rows);

/// The rows of a test as a table. A column has the type that the test declares, else that of `known`, which may be
/// null, else the one that its values suggest (`guess_type`). A table that names no column has all of `known`.
/// Errors: invalid_config, placed at the value that does not fit.
Result<std::shared_ptr<arrow::Table>> to_table(const pipeline::TestTable& rows, const arrow::Schema* known);

}  // namespace mainstem::app::inspect
