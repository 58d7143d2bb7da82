#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "connector/spec.h"
#include "pipeline/graph.h"
#include "pipeline/spec.h"

namespace mainstem::pipeline {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

struct LoadOptions {
  std::string environment;  ///< empty = none
  NamedTexts params;        ///< values of ${param:name}; a name that nothing uses is an error
  /// Values put over mainstem.yaml, by dotted key ("connections.dwh.path"), each read as YAML.
  NamedTexts overrides;
  /// Pipelines wanted. Only theirs and their connections' errors count then. Nothing = all of the project.
  std::optional<std::vector<std::string>> pipelines;
  /// Value of an environment variable; empty function = none is set.
  std::function<std::optional<std::string>(const std::string& name)> environment_variable;
  /// Missing values of ${env:...} and ${file:...} are told in Loaded::missing and are no errors: to check files where
  /// their secrets are not, as in continuous integration. What was loaded is then not good to run.
  bool without_values = false;
  /// Looks into SQL for unknown names and cycles; empty = leave that to the planner.
  SqlReferences sql_references;
};

/// What could be read, and everything that is wrong with it, in the order of files and lines.
struct Loaded {
  Project project;
  std::vector<Error> errors;
  std::vector<Error> missing;  ///< with LoadOptions::without_values
};

/// Reads mainstem.yaml, pipelines/*.yaml, their SQL files and tests/*.yaml of a project folder. Connects to nothing.
/// Positions name files as `directory` + their path in it.
Loaded load_with_errors(const std::string& directory, const LoadOptions& options,
                        const std::vector<connector::ConnectorSpec>& connectors);

/// The same, with the first error as the result.
Result<Project> load_project(const std::string& directory, const LoadOptions& options,
                             const std::vector<connector::ConnectorSpec>& connectors);

/// The nearest folder from `start` upwards that holds a mainstem.yaml. Errors: invalid_config.
Result<std::string> find_project(const std::string& start);

/// The environment of this process, for LoadOptions.
std::optional<std::string> process_variable(const std::string& name);

}  // namespace mainstem::pipeline
