#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/graph.h"
#include "pipeline/spec.h"

namespace mainstem::plan {

/// A source or model that a run needs, and who reads it.
struct Need {
  std::string name;  ///< as the spec spells it
  bool source = false;
  std::vector<std::string> models;     ///< whose SQL reads it, once for each read
  std::vector<std::string> targets;    ///< filled from it
  std::vector<std::string> checks_of;  ///< other sources and models whose checks look into it

  size_t readers() const { return models.size() + targets.size() + checks_of.size(); }
};

/// Who reads whom, for what the targets need. A plain value.
struct Flow {
  /// Each behind all that its SQL and its early references read; otherwise sources first, in the order of spec and
  /// graph.
  std::vector<Need> needs;
  /// What must be there before: through SQL, and through checks of `references` that can be judged together with the
  /// rows because what they refer to does not depend on the checked model.
  std::map<std::string, std::set<std::string>> behind;

  /// Null if the run does not need it.
  const Need* find(std::string_view name) const;
};

/// Errors: invalid_config for a target or mask of an unknown model.
Result<Flow> find_flow(const pipeline::PipelineSpec& spec, const pipeline::Graph& graph);

/// The name as the spec spells it; empty if it is neither source nor model.
std::string spelled(const pipeline::PipelineSpec& spec, std::string_view name);

}  // namespace mainstem::plan
