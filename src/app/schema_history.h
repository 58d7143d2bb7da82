#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "plan/stage.h"
#include "state/ledger.h"

namespace mainstem::app {

/// Compares the shapes of a plan's sources with those that the ledger remembers from the last run. Returns what has
/// changed, as sentences. Errors: invalid_data if a column is gone, unless `accept`: a column that silently disappears
/// from a target is data lost.
Result<std::vector<std::string>> compare_schemas(state::Ledger& ledger, const plan::Plan& plan, bool accept);

/// Makes the ledger remember them, after a run has succeeded.
Result<void> remember_schemas(state::Ledger& ledger, const plan::Plan& plan, const std::string& run_id,
                              const std::string& now);

}  // namespace mainstem::app
