#include <algorithm>
#include <array>
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

struct RunsArguments : ProjectArguments {
  std::string run_id;
  std::string pipeline;
  std::string status;
  int64_t limit = 20;
};

const config::Fields<RunsArguments>& runs_fields() {
  static const auto fields =
      config::Fields<RunsArguments>()
          .optional("run_id", &RunsArguments::run_id, "One run, with its result document.")
          .optional("pipeline", &RunsArguments::pipeline, "Only of this pipeline.", {.type = "pipeline"})
          .optional("status", &RunsArguments::status,
                    "Only with this status: ok, failed, blocked, cancelled, nothing_to_do, running, interrupted, or "
                    "published (killed after that).")
          .optional("limit", &RunsArguments::limit, "Most runs to list.", {.min = 1})
          .include(project_fields());
  return fields;
}

void write_run(JsonWriter& json, const state::RunRecord& run) {
  json.begin_object()
      .member("run_id", run.start.run_id)
      .member("pipeline", run.start.pipeline)
      .member("environment", run.start.environment)
      .member("status", run.end.status)
      .member("started_at", run.start.started_at)
      .member("seconds", run.end.seconds)
      .member("rows_read", run.end.rows_read)
      .member("rows_written", run.end.rows_written)
      .member("rows_quarantined", run.end.rows_quarantined)
      .member("error", run.end.error_message.empty() ? std::nullopt : std::optional(run.end.error_message))
      .end_object();
}

void print_runs(terminal::Terminal& terminal, const std::vector<state::RunRecord>& runs) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& run : runs)
    rows.push_back({run.start.run_id, run.start.pipeline, run.start.environment.empty() ? "-" : run.start.environment,
                    run.end.status, run.start.started_at.substr(0, 19), terminal::short_seconds(run.end.seconds),
                    terminal::with_separators(run.end.rows_read), terminal::with_separators(run.end.rows_written),
                    terminal::with_separators(run.end.rows_quarantined), run.end.error_message});
  terminal.print(terminal::draw_table({{.title = "run"},
                                       {.title = "pipeline"},
                                       {.title = "env"},
                                       {.title = "status"},
                                       {.title = "started (UTC)"},
                                       {.title = "took", .right = true},
                                       {.title = "read", .right = true},
                                       {.title = "written", .right = true},
                                       {.title = "quarantined", .right = true},
                                       {.title = "error"}},
                                      rows, terminal.width()));
}

constexpr std::array<std::string_view, 8> kStatuses{"ok",      "failed",      "blocked",  "cancelled", "nothing_to_do",
                                                    "running", "interrupted", "published"};

// The result document; of a run that could not write one, what is known.
std::string document(const state::RunRecord& run) {
  if (!run.end.result_json.empty()) return run.end.result_json;
  JsonWriter json;
  write_run(json, run);
  return json.take();
}

Result<state::RunRecord> known_run(state::Ledger& ledger, const std::string& run_id) {
  auto run = ledger.run(run_id);
  if (run || run.error().code() != ErrorCode::not_found) return run;
  return Error(ErrorCode::invalid_config, run.error().message()).hint(run.error().hint());
}

Result<int> run(Session& session, const RunsArguments& arguments) {
  if (!arguments.status.empty() && std::ranges::find(kStatuses, arguments.status) == kStatuses.end())
    return Error(ErrorCode::invalid_config, fmt::format("--status: no run is ever '{}'", arguments.status))
        .hint(fmt::format("known: {}", fmt::join(kStatuses, ", ")));
  MS_ASSIGN(const auto project,
            app::open_project(session.services, project_request(arguments, std::vector<std::string>{})));
  MS_ASSIGN(auto ledger, state::Ledger::open(project.directory));
  auto& terminal = session.terminal;
  if (!arguments.run_id.empty()) {
    MS_ASSIGN(const auto one, known_run(ledger, arguments.run_id));
    if (!terminal.json()) print_runs(terminal, {one});
    terminal.line(document(one));
    return kOk;
  }
  MS_ASSIGN(const auto runs,
            ledger.runs({.pipeline = arguments.pipeline,
                         .status = arguments.status,
                         .environment = arguments.env.empty() ? std::nullopt : std::optional(arguments.env),
                         .limit = arguments.limit}));
  if (terminal.json()) {
    JsonWriter json;
    json.begin_object().key("runs").begin_array();
    for (const auto& one : runs) write_run(json, one);
    terminal.line(json.end_array().end_object().take());
    return kOk;
  }
  print_runs(terminal, runs);
  if (runs.empty()) terminal.note("no runs yet");
  return kOk;
}

}  // namespace

Command runs_command() {
  return syntax::make_command<RunsArguments>(
      {.name = "runs",
       .summary = "List the runs of the project, newest first, or show one. With --env only those of the environment.",
       .positionals = {"run_id"},
       .examples = {{"runs --status failed", "what went wrong lately"},
                    {"runs 01JABC... --json", "the result document of one run"}}},
      runs_fields(), run);
}

}  // namespace mainstem::cli
