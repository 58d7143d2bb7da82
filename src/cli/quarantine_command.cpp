#include <arrow/api.h>
#include <fmt/format.h>

#include "app/inspect/quarantine.h"
#include "app/project.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal/table.h"
#include "cli/view/table_view.h"
#include "state/ledger.h"

namespace mainstem::cli {
namespace {

struct QuarantineArguments : ProjectArguments, view::ViewArguments {
  std::string pipeline;
  std::string run_id;
};

const config::Fields<QuarantineArguments>& show_fields() {
  static const auto fields =
      config::Fields<QuarantineArguments>()
          .optional("pipeline", &QuarantineArguments::pipeline, "Its name; may be left out if there is only one.",
                    {.type = "pipeline"})
          .optional("run_id", &QuarantineArguments::run_id, "Only rows of this run; of all runs if not given.")
          .include(view::view_fields())
          .include(project_fields());
  return fields;
}

Result<pipeline::Project> open(Session& session, const ProjectArguments& arguments) {
  return app::open_project(session.services, project_request(arguments));
}

Result<int> list(Session& session, const ProjectArguments& arguments) {
  MS_ASSIGN(const auto project, open(session, arguments));
  MS_ASSIGN(auto ledger, state::Ledger::open(project.directory));
  MS_ASSIGN(const auto runs,
            ledger.runs({.pipeline = "",
                         .status = "",
                         .environment = arguments.env.empty() ? std::nullopt : std::optional(arguments.env),
                         .limit = 1000}));
  std::vector<std::vector<std::string>> rows;
  JsonWriter json;
  json.begin_object().key("runs").begin_array();
  for (const auto& run : runs) {
    if (run.end.rows_quarantined == 0) continue;
    rows.push_back({run.start.run_id, run.start.pipeline, run.end.status, run.start.started_at.substr(0, 19),
                    terminal::with_separators(run.end.rows_quarantined)});
    json.begin_object()
        .member("run_id", run.start.run_id)
        .member("pipeline", run.start.pipeline)
        .member("status", run.end.status)
        .member("rows_quarantined", run.end.rows_quarantined)
        .end_object();
  }
  const auto document = json.end_array().end_object().take();
  if (session.terminal.json()) {
    session.terminal.line(document);
    return kOk;
  }
  session.terminal.print(terminal::draw_table({{.title = "run"},
                                               {.title = "pipeline"},
                                               {.title = "status"},
                                               {.title = "started (UTC)"},
                                               {.title = "rows", .right = true}},
                                              rows, session.terminal.width()));
  if (rows.empty())
    session.terminal.note(
        "no run of this machine's history has rows in quarantine; mainstem quarantine show PIPELINE looks in the "
        "target");
  return kOk;
}

Result<int> show(Session& session, const QuarantineArguments& arguments) {
  MS_ASSIGN(const auto project, open(session, arguments));
  MS_ASSIGN(const auto* spec, app::choose_pipeline(project, arguments.pipeline));
  MS_ASSIGN(const auto context, app::RunContext::make(session.services, {}, app::local_folder(project) + "/scratch"));
  MS_ASSIGN(const auto rows, app::inspect::quarantined_rows(
                                 *context, session.services, project, *spec,
                                 {.run_id = arguments.run_id, .limit = arguments.most_rows(session.terminal)}));
  view::ViewArguments view = static_cast<const view::ViewArguments&>(arguments);
  view.whole = true;
  MS_TRY(view::show_rows(session.terminal, context->context(), *rows, view));
  return kOk;
}

}  // namespace

Command quarantine_list_command() {
  return syntax::make_command<ProjectArguments>({.name = "quarantine list",
                                                 .summary = "List the runs that put rows into quarantine.",
                                                 .examples = {{"quarantine list", "newest first"}}},
                                                project_fields(), list);
}

Command quarantine_show_command() {
  return syntax::make_command<QuarantineArguments>(
      {.name = "quarantine show",
       .summary = "Show the quarantined rows of a pipeline: where each came from, what is wrong, the record itself.",
       .positionals = {"pipeline"},
       .examples = {{"quarantine show customer_360 --limit 5", "the first five"},
                    {"quarantine show --format csv", "all columns, for a spreadsheet"}}},
      show_fields(), show);
}

}  // namespace mainstem::cli
