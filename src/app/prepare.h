#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/services.h"
#include "pipeline/graph.h"
#include "pipeline/spec.h"
#include "plan/lineage.h"
#include "plan/stage.h"
#include "run/connections.h"
#include "run/executor.h"
#include "run/progress.h"

namespace mainstem::app {

struct PrepareOptions {
  bool full = false;                    ///< forget the cursors: read everything again
  bool accept_weaker_delivery = false;  ///< let rows be repeated where a target cannot do better
  bool stateless = false;               ///< the targets keep no cursors and nothing else of a run (`copy`)
  run::Progress* progress = nullptr;    ///< told what is looked at; may be null
};

/// One pipeline, looked at and planned: its sources are open, nothing has been read, nothing written.
struct Prepared {
  pipeline::Graph graph;
  std::unique_ptr<run::Connections> connections;
  run::OpenReads reads;
  std::vector<std::string> warnings;  ///< of what can hardly be meant
  plan::Plan plan;
  /// The cursors that the targets hold; nothing where they were not asked for, since all is read.
  std::optional<connector::StateRecords> cursors;
  /// What was last read in full of sources whose rows are appended; see plan::PublishGroup.
  connector::StateRecords full_reads;
};

/// Opens the sources that are needed, finds out their shapes and the cursors that the targets hold, and plans.
/// Targets are looked at, too: what they would refuse is told here. Errors: what the files, connections and the planner
/// say.
Result<Prepared> prepare(Context& context, const Services& services, const pipeline::Project& project,
                         const pipeline::PipelineSpec& spec, const PrepareOptions& options);

/// Column lineage of a pipeline's targets. Sources are opened to find out their columns.
Result<std::vector<plan::TargetColumn>> lineage(Context& context, const Services& services,
                                                const pipeline::Project& project, const pipeline::PipelineSpec& spec);

/// The connections of a project. Errors: the connection's own problem, an unknown type.
Result<std::unique_ptr<run::Connections>> open_connections(const Services& services, const pipeline::Project& project,
                                                           const std::vector<std::string>& names);

/// The write request that a target's spec amounts to, without its schema.
connector::WriteRequest write_request(const pipeline::PipelineSpec& spec, const pipeline::TargetSpec& target);

}  // namespace mainstem::app
