#include "app/prepare.h"
#include "app/project.h"
#include "app/run_context.h"
#include "app/schema_history.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "plan/explain.h"
#include "plan/plan_json.h"

namespace mainstem::cli {
namespace {

struct PlanArguments : ProjectArguments, ResourceArguments {
  std::string pipeline;
  bool full = false;
  bool accept_weaker_delivery = false;
};

const config::Fields<PlanArguments>& plan_fields() {
  static const auto fields =
      config::Fields<PlanArguments>()
          .optional("pipeline", &PlanArguments::pipeline, "Its name; may be left out if there is only one.",
                    {.type = "pipeline"})
          .optional("full", &PlanArguments::full, "As if the cursors were forgotten.")
          .optional("accept_weaker_delivery", &PlanArguments::accept_weaker_delivery, "As with run.")
          .include(resource_fields())
          .include(project_fields());
  return fields;
}

Result<int> run(Session& session, const PlanArguments& arguments) {
  MS_ASSIGN(const auto project, app::open_project(session.services, project_request(arguments)));
  MS_ASSIGN(const auto* spec, app::choose_pipeline(project, arguments.pipeline));
  MS_ASSIGN(const auto context,
            app::RunContext::make(session.services, to_resources(arguments), app::local_folder(project) + "/scratch"));
  MS_ASSIGN(const auto prepared,
            app::prepare(context->context(), session.services, project, *spec,
                         {.full = arguments.full, .accept_weaker_delivery = arguments.accept_weaker_delivery}));
  if (auto ledger = app::existing_ledger(project)) {
    app::SchemaHistory history(*ledger, {.pipeline = spec->name, .environment = project.environment});
    MS_ASSIGN(const auto changes, history.compare(*spec, prepared.plan, false));
    for (const auto& change : changes) session.terminal.warn("the source has changed: " + change);
  }
  for (const auto& warning : prepared.warnings) session.terminal.warn(warning);
  session.terminal.print(session.terminal.json() ? plan::plan_json(prepared.plan) + "\n"
                                                 : plan::explain(prepared.plan));
  return kOk;
}

}  // namespace

Command plan_command() {
  return syntax::make_command<PlanArguments>(
      {.name = "plan",
       .summary = "Show what a run would do, and why, without doing it.",
       .description = "The stages are the very list that run executes. Sources and targets are looked at, nothing is "
                      "written.",
       .positionals = {"pipeline"},
       .examples = {{"plan customer_360", "its stages"}, {"plan --json", "for machines"}}},
      plan_fields(), run);
}

}  // namespace mainstem::cli
