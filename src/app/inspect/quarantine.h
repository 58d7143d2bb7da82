#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>

#include "app/run_context.h"
#include "app/services.h"
#include "pipeline/spec.h"

namespace mainstem::app::inspect {

struct QuarantineRequest {
  std::string run_id;  ///< empty = of all runs
  int64_t limit = 100;
};

/// The quarantined rows of a pipeline, the latest first: the published ones, read back from the place beside its
/// targets, and those of runs that published nothing, kept on this machine. The column `published` tells them apart.
/// Errors: not_found if nothing was ever quarantined there.
Result<std::shared_ptr<arrow::Table>> quarantined_rows(RunContext& context, const Services& services,
                                                       const pipeline::Project& project,
                                                       const pipeline::PipelineSpec& spec,
                                                       const QuarantineRequest& request);

}  // namespace mainstem::app::inspect
