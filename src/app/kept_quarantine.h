#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>

#include "base/result.h"
#include "observability/context.h"
#include "pipeline/spec.h"

namespace mainstem::app {

/// The quarantined rows of runs that published nothing: a file a run, in the project's folder on this machine, since no
/// target holds them. The files of a pipeline's latest runs in an environment stay.
class KeptQuarantine {
 public:
  KeptQuarantine(const pipeline::Project& project, const std::string& pipeline);

  /// The file of a run, in a folder that is there. Errors: as io::create_folders.
  Result<std::string> place_for(const std::string& run_id) const;
  /// Takes away a run's file, if there is one: its rows have been published after all.
  void forget(const std::string& run_id) const noexcept;
  /// Takes away what is older than the ten latest runs with rows, or makes more than a gibibyte with later ones.
  void prune() const noexcept;

  /// Rows of one run, or of the latest runs if `run_id` is empty; at least `limit`, if there are so many. With the
  /// columns of plan::quarantine_schema(); null if there are none.
  Result<std::shared_ptr<arrow::Table>> rows(Context& context, const std::string& run_id, int64_t limit) const;

 private:
  std::string folder_;
};

}  // namespace mainstem::app
