#pragma once

#include <string>
#include <vector>

#include "check/check.h"
#include "plan/flow.h"

namespace mainstem::plan {

/// Whether a source or model is kept as a table, with a sentence that says why.
struct Decision {
  bool land = false;
  std::string why;
};

/// Rows stream through to a single reader. They are kept if there are several, if checks need the whole set or look
/// into it from elsewhere, or if rows must be judged before a model reads them.
Decision decide(const Need& need, const std::vector<check::Check>& row_checks,
                const std::vector<check::Check>& set_checks);

/// Who reads it, for people: "model kpis (2 times)", "target mart.kpis", "checks of kpis".
std::vector<std::string> readers(const Need& need);

}  // namespace mainstem::plan
