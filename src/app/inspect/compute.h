#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>

#include "app/inspect/memory_tables.h"
#include "app/run_context.h"
#include "app/services.h"
#include "pipeline/spec.h"

namespace mainstem::app::inspect {

/// Runs the part of a pipeline that gives one source or model, and returns its rows: the way of every run, but into
/// memory. Masks are applied; checks and targets are left out. `limit` < 0 = all rows. Sources of
/// kMemoryConnection read `given`. Errors: those of a run.
struct ComputeRequest {
  std::string model;
  int64_t limit = -1;
  std::shared_ptr<MemoryTables> given;  ///< may be null
};
Result<std::shared_ptr<arrow::Table>> compute(RunContext& context, const Services& services,
                                              const pipeline::Project& project, const pipeline::PipelineSpec& spec,
                                              const ComputeRequest& request);

}  // namespace mainstem::app::inspect
