#pragma once

#include <chrono>
#include <string>

#include "app/prepare.h"
#include "app/run_context.h"
#include "app/services.h"
#include "pipeline/spec.h"
#include "run/progress.h"
#include "run/result.h"

namespace mainstem::app {

/// Sees a run from outside. Called from the thread of the run.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// An attempt begins; `progress` lives until `attempt_ended`, which always comes.
  virtual void attempt_started(const run::Progress& progress) = 0;
  /// Its sources and targets have been looked at.
  virtual void planned(const std::string& run_id, const plan::Plan& plan) = 0;
  virtual void attempt_ended() = 0;
  virtual void retrying(const Error& error, std::chrono::milliseconds pause, int attempt, int attempts) = 0;
  virtual void warn(const std::string& text) = 0;
};

struct RunRequest {
  PrepareOptions prepare;
  Resources resources;
  /// Kept in the project's ledger and guarded by its lock; false for `copy`, which has no project.
  bool recorded = true;
  std::string command = "run";
  /// Take a source as it is although a column that the last run saw is gone.
  bool accept_schema_changes = false;
};

/// Plans and executes one pipeline, again after errors that a later try may cure, as often as the project's `retry`
/// says. Whatever happens is in the result.
run::RunResult run_pipeline(const Services& services, const pipeline::Project& project,
                            const pipeline::PipelineSpec& spec, const RunRequest& request, RunObserver& observer);

}  // namespace mainstem::app
