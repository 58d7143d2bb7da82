#pragma once

#include <string>

#include "base/result.h"
#include "plan/stage.h"

namespace mainstem::run {

/// SQL of a model as its readers see it: the user's SELECT with its masked columns replaced. `mask_function(i)` names
/// the SQL function of masks[i].
std::string masked_select(const plan::Transform& model);
/// The same with the two columns of RowChecks behind it (checks judge the clear values; the record holds masked ones).
/// Rows failing a check whose bit is in `quarantine_bits` carry their record.
Result<std::string> checked_select(const plan::Transform& model, uint64_t quarantine_bits);
/// The SQL function that applies mask `index` of a model.
std::string mask_function(const std::string& model, size_t index);

}  // namespace mainstem::run
