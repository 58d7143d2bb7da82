#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/services.h"
#include "pipeline/load.h"
#include "state/ledger.h"

namespace mainstem::app {

/// Which project, and what the command line puts over its files.
struct ProjectRequest {
  std::string directory;  ///< empty = the nearest folder upwards that holds a mainstem.yaml
  std::string environment;
  std::vector<std::string> params;     ///< "name=value"
  std::vector<std::string> overrides;  ///< "connections.dwh.path=other.duckdb"
  /// Pipelines wanted; nothing = all.
  std::optional<std::vector<std::string>> pipelines;
  bool without_values = false;  ///< see pipeline::LoadOptions
};

/// Reads a project with everything that is wrong with it, SQL names and cycles included. The project's folder becomes
/// the working folder of the process.
/// Errors: invalid_config if there is no project, and for the request itself.
Result<pipeline::Loaded> read_project(const Services& services, const ProjectRequest& request);

/// The same, with the first error as the result; further ones are named in its hint.
Result<pipeline::Project> open_project(const Services& services, const ProjectRequest& request);

/// The only pipeline of a project, or the one named. Errors: invalid_config naming the choices.
Result<const pipeline::PipelineSpec*> choose_pipeline(const pipeline::Project& project, const std::string& name);

/// Folder of a project's ledger, logs and locks.
std::string local_folder(const pipeline::Project& project);

/// A project's ledger; nothing where there is none yet (looking makes none), or none that can be read.
std::optional<state::Ledger> existing_ledger(const pipeline::Project& project);

}  // namespace mainstem::app
