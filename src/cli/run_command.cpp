#include <fmt/format.h>

#include "app/project.h"
#include "app/run_pipeline.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/view/run_report.h"

namespace mainstem::cli {
namespace {

struct RunArguments : ProjectArguments, ResourceArguments {
  std::string pipeline;
  bool full = false;
  bool accept_weaker_delivery = false;
  bool accept_schema_changes = false;
};

const config::Fields<RunArguments>& run_fields() {
  static const auto fields =
      config::Fields<RunArguments>()
          .optional("pipeline", &RunArguments::pipeline, "Its name; may be left out if there is only one.",
                    {.type = "pipeline"})
          .optional("full", &RunArguments::full, "Forget the cursors: read incremental sources from the beginning.")
          .optional("accept_weaker_delivery", &RunArguments::accept_weaker_delivery,
                    "Let a target repeat rows after a failure where it cannot do better.")
          .optional("accept_schema_changes", &RunArguments::accept_schema_changes,
                    "Go on although a column that the last run saw is gone or has another type.")
          .include(resource_fields())
          .include(project_fields());
  return fields;
}

std::string look_at_quarantine(const RunArguments& arguments, const run::RunResult& result) {
  auto command = fmt::format("mainstem quarantine show {} --run-id {}", result.pipeline, result.run_id);
  if (!arguments.env.empty()) command += " --env " + arguments.env;
  if (!arguments.project.empty()) command += " --project " + arguments.project;
  return command;
}

Result<int> run(Session& session, const RunArguments& arguments) {
  std::optional<std::vector<std::string>> wanted;
  if (!arguments.pipeline.empty()) wanted = {arguments.pipeline};
  MS_ASSIGN(const auto project, app::open_project(session.services, project_request(arguments, std::move(wanted))));
  MS_ASSIGN(const auto* spec, app::choose_pipeline(project, arguments.pipeline));
  app::RunRequest request{
      .prepare = {.full = arguments.full, .accept_weaker_delivery = arguments.accept_weaker_delivery},
      .resources = to_resources(arguments),
      .accept_schema_changes = arguments.accept_schema_changes};
  view::RunView view(session.terminal);
  const auto result = app::run_pipeline(session.services, project, *spec, request, view);
  if (!session.terminal.json()) view::print_result(session.terminal, result);
  view::print_quarantine(session.terminal, result, look_at_quarantine(arguments, result));
  view::print_end(session.terminal, result);
  return exit_code(result);
}

}  // namespace

Command run_command() {
  return syntax::make_command<RunArguments>(
      {.name = "run",
       .summary = "Run a pipeline of the project.",
       .description =
           "Reads the sources, computes the models, judges the checks, stages the targets, compares what they hold "
           "with "
           "what was handed over, and publishes in one step together with the cursors. Killed anywhere and run again, "
           "the result is that of one clean run.",
       .positionals = {"pipeline"},
       .examples = {{"run", "the project's only pipeline"},
                    {"run customer_360 --env dev", "one of several, in an environment"},
                    {"run orders --full --memory 512MiB", "everything again, in little memory"}}},
      run_fields(), run);
}

}  // namespace mainstem::cli
