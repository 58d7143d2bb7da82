#include "app/prepare.h"
#include "app/project.h"
#include "app/run_context.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "plan/lineage.h"

namespace mainstem::cli {
namespace {

struct LineageArguments : ProjectArguments {
  std::string pipeline;
};

const config::Fields<LineageArguments>& lineage_fields() {
  static const auto fields = config::Fields<LineageArguments>()
                                 .optional("pipeline", &LineageArguments::pipeline,
                                           "Its name; may be left out if there is only one.", {.type = "pipeline"})
                                 .include(project_fields());
  return fields;
}

Result<int> run(Session& session, const LineageArguments& arguments) {
  MS_ASSIGN(const auto project, app::open_project(session.services, project_request(arguments)));
  MS_ASSIGN(const auto* spec, app::choose_pipeline(project, arguments.pipeline));
  MS_ASSIGN(const auto context, app::RunContext::make(session.services, {}, app::local_folder(project) + "/scratch"));
  MS_ASSIGN(const auto lineage, app::lineage(context->context(), session.services, project, *spec));
  session.terminal.print(session.terminal.json() ? plan::lineage_json(lineage) + "\n" : plan::lineage_text(lineage));
  return kOk;
}

}  // namespace

Command lineage_command() {
  return syntax::make_command<LineageArguments>(
      {.name = "lineage",
       .summary = "Show from which source columns each target column comes.",
       .positionals = {"pipeline"},
       .examples = {{"lineage customer_360", "every column of every target"}, {"lineage --json", "for machines"}}},
      lineage_fields(), run);
}

}  // namespace mainstem::cli
