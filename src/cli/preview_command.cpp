#include <arrow/api.h>

#include "app/inspect/compute.h"
#include "app/project.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/view/table_view.h"

namespace mainstem::cli {
namespace {

struct PreviewArguments : ProjectArguments, ResourceArguments, view::ViewArguments {
  std::string model;
  std::string pipeline;
};

const config::Fields<PreviewArguments>& preview_fields() {
  static const auto fields = config::Fields<PreviewArguments>()
                                 .required("model", &PreviewArguments::model, "A source or model of the pipeline.")
                                 .optional("pipeline", &PreviewArguments::pipeline,
                                           "Its pipeline; may be left out if there is only one.", {.type = "pipeline"})
                                 .include(view::view_fields())
                                 .include(resource_fields())
                                 .include(project_fields());
  return fields;
}

Result<int> run(Session& session, const PreviewArguments& arguments) {
  MS_ASSIGN(const auto project, app::open_project(session.services, project_request(arguments)));
  MS_ASSIGN(const auto* spec, app::choose_pipeline(project, arguments.pipeline));
  MS_ASSIGN(const auto context,
            app::RunContext::make(session.services, to_resources(arguments), app::local_folder(project) + "/scratch"));
  MS_ASSIGN(const auto rows,
            app::inspect::compute(
                *context, session.services, project, *spec,
                {.model = arguments.model, .limit = arguments.most_rows(session.terminal), .given = nullptr}));
  MS_TRY(view::show_rows(session.terminal, context->context(), *rows, arguments));
  return kOk;
}

}  // namespace

Command preview_command() {
  return syntax::make_command<PreviewArguments>(
      {.name = "preview",
       .summary = "Show the first rows of a source or model, as a run would compute them.",
       .description = "Masked columns are masked. Nothing is written.",
       .positionals = {"model"},
       .examples = {{"preview clean_customers", "a model"}, {"preview orders --limit 5 --format csv", "a source"}}},
      preview_fields(), run);
}

}  // namespace mainstem::cli
