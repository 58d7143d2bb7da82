#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "connector/sink.h"
#include "observability/context.h"
#include "pipeline/graph.h"
#include "pipeline/spec.h"
#include "run/connections.h"

namespace mainstem::app {

/// Where a pipeline's sources stand, as its targets say. Each environment has cursors of its own, since it may read
/// another source into the same target; those stored without an environment are taken over by the environment whose run
/// has stored them, as far as the project's ledger knows.
class PublishedPositions {
 public:
  /// All outlive this object.
  PublishedPositions(const pipeline::Project& project, const pipeline::PipelineSpec& spec,
                     const pipeline::Graph& graph);

  /// Errors: those of the targets.
  Result<void> load(Context& context, run::Connections& connections);

  /// The position up to which every target below has the source's rows: that of the older run, where a kill between the
  /// commits of two connections has left them apart (run ids sort by time). A target that has none has no rows either,
  /// so everything is read again. Errors: unsupported, if a target would then get rows twice.
  Result<std::optional<columnar::Position>> find(const std::string& source) const;

  /// Those of this environment.
  connector::StateRecords cursors() const;
  /// What this environment's last run has published of sources that it read in full (plan::kFullReads).
  connector::StateRecords full_reads() const { return full_reads_; }

 private:
  using Key = std::pair<std::string, std::string>;  // source, target

  const pipeline::Project& project_;
  const pipeline::PipelineSpec& spec_;
  const pipeline::Graph& graph_;
  std::map<Key, connector::StateRecord> records_;
  std::map<Key, connector::StateRecord> of_others_;  // of other environments
  connector::StateRecords full_reads_;
};

}  // namespace mainstem::app
