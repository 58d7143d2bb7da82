#pragma once

#include <arrow/type_fwd.h>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/spec.h"

namespace mainstem::app {

/// Columns to ask a source for: those the user lists; those of the contract where it leaves out all others; else none,
/// which means all.
std::vector<std::string> wanted_columns(const pipeline::SourceSpec& source);

/// Compares what a source gives with its contract. Errors: invalid_data for a column that is missing, of another type
/// (a wider one passes where the contract says so), or new where the contract forbids it.
Result<void> check_contract(const pipeline::SourceSpec& source, const arrow::Schema& found);

}  // namespace mainstem::app
