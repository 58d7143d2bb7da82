#pragma once

#include <arrow/type_fwd.h>
#include <string>

#include "base/result.h"
#include "check/check.h"
#include "engine/engine.h"

namespace mainstem::plan {

/// The columns that a rule reads are there and of types that the rule can judge, and its values and patterns can be
/// read. `sql` is not looked into, of `references` only the checked side. Errors: invalid_config at the check.
Result<void> check_fits(const check::Check& check, const arrow::Schema& schema, const std::string& model,
                        engine::Analyzer& analyzer);

/// The two columns of a `references` check can be compared. `parent` is the schema of the table it refers to.
Result<void> check_comparable(const check::Check& check, const arrow::Schema& schema, const arrow::Schema& parent);

/// True if failing rows are to leave the run for the quarantine.
bool sends_to_quarantine(const check::Check& check);

}  // namespace mainstem::plan
