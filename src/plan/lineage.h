#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "plan/stage.h"

namespace mainstem::plan {

/// Where one column of a target comes from.
struct TargetColumn {
  std::string target;
  std::string model;
  std::string column;
  /// Columns that the model's own SQL reads for it.
  std::vector<engine::ColumnOrigin> direct;
  /// Columns of sources, through all models between; sorted, without doubles. Empty for constants.
  std::vector<engine::ColumnOrigin> sources;
};

/// Column lineage of every target of a planned pipeline, from the engine's analysis of the SQL. Errors: those of the
/// analyzer.
Result<std::vector<TargetColumn>> trace_lineage(const Plan& plan, engine::Analyzer& analyzer);

std::string lineage_text(const std::vector<TargetColumn>& lineage);
/// One JSON document on one line.
std::string lineage_json(const std::vector<TargetColumn>& lineage);

}  // namespace mainstem::plan
