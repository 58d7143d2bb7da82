#include <fmt/format.h>

#include "app/project.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal/table.h"
#include "state/ledger.h"

namespace mainstem::cli {
namespace {

struct PipelineStatus {
  std::string name;
  std::optional<state::RunRecord> last;
  std::vector<state::Cursor> cursors;
};

Result<std::vector<PipelineStatus>> read_status(const pipeline::Project& project) {
  MS_ASSIGN(auto ledger, state::Ledger::open(project.directory));
  std::vector<PipelineStatus> all;
  for (const auto& pipeline : project.pipelines) {
    PipelineStatus status{.name = pipeline.name};
    MS_ASSIGN(auto runs,
              ledger.runs({.pipeline = pipeline.name, .status = "", .environment = project.environment, .limit = 1}));
    if (!runs.empty()) status.last = std::move(runs.front());
    MS_ASSIGN(status.cursors, ledger.cursors({pipeline.name, project.environment}));
    all.push_back(std::move(status));
  }
  return all;
}

std::string document(const std::vector<PipelineStatus>& all) {
  JsonWriter json;
  json.begin_object().key("pipelines").begin_array();
  for (const auto& one : all) {
    json.begin_object().member("pipeline", one.name);
    json.member("status", one.last ? std::optional(one.last->end.status) : std::nullopt);
    json.member("run_id", one.last ? std::optional(one.last->start.run_id) : std::nullopt);
    json.member("started_at", one.last ? std::optional(one.last->start.started_at) : std::nullopt);
    json.key("cursors").begin_array();
    for (const auto& cursor : one.cursors)
      json.begin_object()
          .member("source", cursor.source)
          .member("target", cursor.target)
          .member("position", cursor.printable)
          .end_object();
    json.end_array().end_object();
  }
  return json.end_array().end_object().take();
}

Result<int> run(Session& session, const ProjectArguments& arguments) {
  MS_ASSIGN(const auto project, app::open_project(session.services, project_request(arguments)));
  MS_ASSIGN(const auto all, read_status(project));
  auto& terminal = session.terminal;
  if (terminal.json()) {
    terminal.line(document(all));
    return kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : all) {
    std::vector<std::string> cursors;
    for (const auto& cursor : one.cursors) cursors.push_back(fmt::format("{} {}", cursor.source, cursor.printable));
    rows.push_back({one.name, one.last ? one.last->end.status : "never ran",
                    one.last ? one.last->start.started_at.substr(0, 19) : "",
                    one.last ? terminal::with_separators(one.last->end.rows_written) : "",
                    fmt::format("{}", fmt::join(cursors, ", "))});
  }
  terminal.print(terminal::draw_table({{.title = "pipeline"},
                                       {.title = "last run"},
                                       {.title = "started (UTC)"},
                                       {.title = "rows", .right = true},
                                       {.title = "cursors"}},
                                      rows, terminal.width()));
  return kOk;
}

}  // namespace

Command status_command() {
  return syntax::make_command<ProjectArguments>({.name = "status",
                                                 .summary = "Show how each pipeline of the project stands.",
                                                 .examples = {{"status", "last runs and cursors"}}},
                                                project_fields(), run);
}

}  // namespace mainstem::cli
