#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/engine.h"
#include "observability/context.h"
#include "plan/stage.h"
#include "run/connections.h"
#include "run/pace.h"
#include "run/progress.h"
#include "run/result.h"

namespace mainstem::run {

/// Reads that were planned to find out schemas, by source name: taken over by the run, so that nothing is looked at
/// twice and what was planned is what is read.
using OpenReads = std::map<std::string, std::unique_ptr<connector::PlannedRead>>;

/// What a run needs from outside. All references outlive the run.
struct Environment {
  Context& context;
  engine::Engine& engine;
  Connections& connections;
  Progress& progress;
  engine::SessionLimits limits;
  SliceLimits slice = {};  ///< of reads that do not end by themselves
  Sleep sleep = {};        ///< how the run waits for a system that asks for a pause
  /// File for the quarantined rows of a run that publishes nothing, since no target holds them then. Empty = they are
  /// dropped with the run.
  std::string unpublished_quarantine = {};
  /// What a run with the same texts has published of sources read in full (plan::kFullReads) without ending well:
  /// where this run would append just the same, it leaves the target as it is.
  connector::StateRecords unfinished = {};
  /// Of what the targets keep of a read in full: hashes of few rows would tell values that a mask hides.
  Secret read_key = {};
  /// Told at once when the last target has been published; may be empty.
  std::function<void()> on_published = {};
};

/// Greatest resident memory of this process so far.
int64_t peak_memory_bytes();

/// Executes the stages in their order. Whatever happens, the result says what was done and nothing is half published:
/// an error before the last PublishGroup stage leaves the targets as they were.
RunResult execute(const Environment& environment, const plan::Plan& plan, OpenReads reads, const std::string& run_id);

}  // namespace mainstem::run
