#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "plan/planner.h"
#include "plan/stage.h"

namespace mainstem::plan {

/// A source or model whose stages are planned.
struct PlannedTable {
  std::shared_ptr<arrow::Schema> clear;  ///< before masking
  std::shared_ptr<arrow::Schema> shown;  ///< as its readers see it
  bool direct = false;                   ///< a source that goes into its one target without the engine
  int64_t estimated_rows = -1;
};
using PlannedTables = std::map<std::string, PlannedTable>;

/// The target whose publish unit takes the pipeline's quarantined rows, too.
const pipeline::TargetSpec& quarantine_target(const pipeline::PipelineSpec& spec);

/// Appends the stages from StageTarget to PublishGroup. `tables` holds every model that is a target.
Result<void> add_targets(const PlanInput& input, const PlannedTables& tables, Plan& plan);

}  // namespace mainstem::plan
