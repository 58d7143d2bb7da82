#include <fmt/format.h>

#include "app/project.h"
#include "app/result_json.h"
#include "base/json.h"
#include "base/units.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"

namespace mainstem::cli {
namespace {

void print_document(terminal::Terminal& terminal, const pipeline::Loaded& loaded) {
  JsonWriter json;
  json.begin_object().member("valid", loaded.errors.empty()).key("errors").begin_array();
  for (const auto& error : loaded.errors) app::write_error(json, error);
  json.end_array().key("missing").begin_array();
  for (const auto& error : loaded.missing) app::write_error(json, error);
  terminal.line(json.end_array().end_object().take());
}

Result<int> run(Session& session, const ProjectArguments& arguments) {
  auto request = project_request(arguments);
  request.without_values = true;
  MS_ASSIGN(const auto loaded, app::read_project(session.services, request));
  auto& terminal = session.terminal;
  for (const auto& error : loaded.missing) terminal.warn(error.to_string());
  for (const auto& error : loaded.errors) terminal.error(error);
  if (terminal.json()) print_document(terminal, loaded);
  if (!loaded.errors.empty()) return kWrongUsage;
  const auto& project = loaded.project;
  if (!terminal.json())
    terminal.line(fmt::format("{} project {}: {}, {}, {}", terminal.paint(terminal::Colour::green, "valid"),
                              project.name, counted(std::ssize(project.pipelines), "pipeline"),
                              counted(std::ssize(project.connections), "connection"),
                              counted(std::ssize(project.tests), "test")));
  return kOk;
}

}  // namespace

Command validate_command() {
  return syntax::make_command<ProjectArguments>(
      {.name = "validate",
       .summary = "Check all files of the project without connecting to anything.",
       .description = "Lists every mistake with its file, line and column. Values of ${env:...} and ${file:...} need "
                      "not be there: "
                      "what is missing is told, and is an error of a run only.",
       .examples = {{"validate", "the project of this folder"}, {"validate --env prod", "as an environment sees it"}}},
      project_fields(), run);
}

}  // namespace mainstem::cli
