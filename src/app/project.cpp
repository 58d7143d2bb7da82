#include "app/project.h"

#include <filesystem>
#include <fmt/format.h>

namespace mainstem::app {
namespace {

Result<pipeline::NamedTexts> named_texts(const std::vector<std::string>& pairs, const char* option) {
  pipeline::NamedTexts result;
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos)
      return Error(ErrorCode::invalid_config, fmt::format("--{} needs NAME=VALUE", option))
          .hint(fmt::format("for example --{} {}", option,
                            option == std::string("param") ? "day=2026-01-01" : "connections.dwh.path=other.duckdb"));
    result.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return result;
}

}  // namespace

Result<pipeline::Loaded> read_project(const Services& services, const ProjectRequest& request) {
  std::string directory = request.directory;
  if (directory.empty()) {
    MS_ASSIGN(directory, pipeline::find_project("."));
  }
  // Relative paths in a project's files are meant from its folder, wherever the command was given.
  std::error_code failure;
  std::filesystem::current_path(directory, failure);
  if (failure)
    return Error(ErrorCode::invalid_config,
                 fmt::format("cannot change into the project folder '{}': {}", directory, failure.message()));
  pipeline::LoadOptions options{.environment = request.environment,
                                .params = {},
                                .overrides = {},
                                .pipelines = request.pipelines,
                                .environment_variable = services.environment_variable,
                                .without_values = request.without_values,
                                .sql_references = {}};
  MS_ASSIGN(options.params, named_texts(request.params, "param"));
  MS_ASSIGN(options.overrides, named_texts(request.overrides, "set"));
  MS_ASSIGN(const std::shared_ptr<engine::Analyzer> analyzer, services.engine.open_analyzer());
  options.sql_references = [analyzer](const std::string& sql) { return analyzer->references(sql); };
  return pipeline::load_with_errors(".", options, services.connectors);
}

Result<pipeline::Project> open_project(const Services& services, const ProjectRequest& request) {
  MS_ASSIGN(auto loaded, read_project(services, request));
  if (loaded.errors.empty()) return std::move(loaded.project);
  if (loaded.errors.size() == 1) return std::move(loaded.errors.front());
  auto first = std::move(loaded.errors.front());
  auto hint = first.hint();
  hint += fmt::format("{}{} more errors: mainstem validate lists them all", hint.empty() ? "" : "; ",
                      loaded.errors.size() - 1);
  return std::move(first).hint(std::move(hint));
}

Result<const pipeline::PipelineSpec*> choose_pipeline(const pipeline::Project& project, const std::string& name) {
  if (!name.empty()) return project.pipeline(name);
  if (project.pipelines.size() == 1) return &project.pipelines.front();
  std::vector<std::string> names;
  for (const auto& pipeline : project.pipelines) names.push_back(pipeline.name);
  if (names.empty())
    return Error(ErrorCode::not_found, "the project has no pipelines").hint("write one into pipelines/NAME.yaml");
  return Error(ErrorCode::invalid_config, "which pipeline?")
      .hint(fmt::format("name one of: {}", fmt::join(names, ", ")));
}

std::string local_folder(const pipeline::Project& project) { return project.directory + "/.mainstem"; }

std::optional<state::Ledger> existing_ledger(const pipeline::Project& project) {
  std::error_code missing;
  if (!std::filesystem::exists(local_folder(project) + "/ledger.db", missing)) return std::nullopt;
  auto ledger = state::Ledger::open(project.directory);
  return ledger ? std::optional(*std::move(ledger)) : std::nullopt;
}

}  // namespace mainstem::app
