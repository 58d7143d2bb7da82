#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "app/inspect/test_models.h"
#include "app/project.h"
#include "app/result_json.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal/table.h"

namespace mainstem::cli {
namespace {

using terminal::Colour;

struct TestArguments : ProjectArguments {
  std::string model;
};

const config::Fields<TestArguments>& test_fields() {
  static const auto fields = config::Fields<TestArguments>()
                                 .optional("model", &TestArguments::model, "Only tests of this model.")
                                 .include(project_fields());
  return fields;
}

void write_outcome(JsonWriter& json, const app::inspect::TestOutcome& outcome) {
  json.begin_object()
      .member("test", outcome.name)
      .member("model", outcome.model)
      .member("passed", outcome.passed())
      .member("columns", outcome.columns)
      .member("missing", outcome.missing)
      .member("surplus", outcome.surplus);
  json.key("error");
  if (outcome.error)
    app::write_error(json, *outcome.error);
  else
    json.null();
  json.end_object();
}

// A cell so that null, an empty text and blanks can be told from one another.
std::string shown(const app::inspect::Cell& cell) {
  if (!cell) return "null";
  const bool in_quotes = cell->empty() || *cell == "null" || cell->front() == ' ' || cell->back() == ' ' ||
                         cell->find_first_of("\t\r\n\"") == 0;
  return in_quotes ? json_quote(*cell) : *cell;
}

void print_rows(terminal::Terminal& terminal, const char* title, const app::inspect::TestOutcome& outcome,
                const std::vector<app::inspect::CellRow>& rows) {
  if (rows.empty()) return;
  std::vector<terminal::Column> columns;
  for (const auto& name : outcome.columns) columns.push_back({.title = name});
  std::vector<std::vector<std::string>> texts;
  for (const auto& row : rows) std::ranges::transform(row, std::back_inserter(texts.emplace_back()), shown);
  terminal.line(fmt::format("  {}:", title));
  terminal.print(terminal::draw_table(columns, texts, terminal.width()));
}

void print_outcome(terminal::Terminal& terminal, const app::inspect::TestOutcome& outcome) {
  const auto verdict =
      outcome.passed() ? terminal.paint(Colour::green, "passed") : terminal.paint(Colour::red, "FAILED");
  terminal.line(fmt::format("{}  {}: {}", verdict, outcome.model, outcome.name));
  if (outcome.error) terminal.error(*outcome.error);
  print_rows(terminal, "expected, but not given", outcome, outcome.missing);
  print_rows(terminal, "given, but not expected", outcome, outcome.surplus);
}

Result<int> run(Session& session, const TestArguments& arguments) {
  auto request = project_request(arguments);
  // No connection is opened, so their secrets need not be here.
  request.without_values = true;
  MS_ASSIGN(const auto project, app::open_project(session.services, request));
  MS_ASSIGN(const auto context, app::RunContext::make(session.services, {}, app::local_folder(project) + "/scratch"));
  auto& terminal = session.terminal;
  int passed = 0;
  int failed = 0;
  JsonWriter json;
  json.begin_object().key("tests").begin_array();
  for (const auto& test : project.tests) {
    if (!arguments.model.empty() && !pipeline::same_name(test.model, arguments.model)) continue;
    MS_TRY(session.services.cancellation.check());
    const auto outcome = app::inspect::run_test(*context, session.services, project, test);
    ++(outcome.passed() ? passed : failed);
    write_outcome(json, outcome);
    if (!terminal.json()) print_outcome(terminal, outcome);
  }
  if (!arguments.model.empty() && passed + failed == 0)
    return Error(ErrorCode::invalid_config, fmt::format("there is no test of a model '{}'", arguments.model))
        .hint("mainstem test runs all tests");
  json.end_array().member("passed", passed).member("failed", failed).end_object();
  const auto document = json.take();
  if (terminal.json())
    terminal.line(document);
  else
    terminal.line(fmt::format("{} passed, {} failed", passed, failed));
  return failed == 0 ? kOk : kFailed;
}

}  // namespace

Command test_command() {
  return syntax::make_command<TestArguments>(
      {.name = "test",
       .summary = "Run the tests of the project's models: given rows, expected rows.",
       .description =
           "Needs no connection and no secrets: rows come from tests/*.yaml and from nowhere else, so a test gives "
           "rows for every source that its model reads. A column's type is the one that 'columns' in the "
           "test or the source's contract says, else what its values look like. Expected values are read in "
           "the types of the model's columns; null and an empty text differ; lists and maps of YAML stand "
           "for nested values.",
       .positionals = {"model"},
       .examples = {{"test", "all"}, {"test revenue", "those of one model"}}},
      test_fields(), run);
}

}  // namespace mainstem::cli
