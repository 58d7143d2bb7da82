#include "app/project.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/syntax/completion.h"

namespace mainstem::cli {
namespace {

struct CompletionArguments {
  std::string shell;
};

const config::Fields<CompletionArguments>& completion_fields() {
  static const auto fields = config::Fields<CompletionArguments>().required(
      "shell", &CompletionArguments::shell,
      "bash, zsh or fish; or pipelines, connections: the names that their scripts ask for.");
  return fields;
}

// One a line; nothing where there is no project, as nobody wants errors between the words typed.
std::string names_of_project(Session& session, bool pipelines) {
  std::string text;
  const auto loaded = app::read_project(session.services, {});
  if (!loaded) return text;
  if (pipelines)
    for (const auto& pipeline : loaded->project.pipelines) text += pipeline.name + "\n";
  else
    for (const auto& connection : loaded->project.connections) text += connection.name + "\n";
  return text;
}

Result<int> run(Session& session, const CompletionArguments& arguments) {
  if (arguments.shell == "pipelines" || arguments.shell == "connections") {
    session.terminal.print(names_of_project(session, arguments.shell == "pipelines"));
    return kOk;
  }
  MS_ASSIGN(const auto script, syntax::completion_script(arguments.shell, all_commands()));
  session.terminal.print(script);
  return kOk;
}

}  // namespace

Command completion_command() {
  return syntax::make_command<CompletionArguments>(
      {.name = "completion",
       .summary = "Print a completion script for a shell.",
       .positionals = {"shell"},
       .examples = {{"completion bash > /etc/bash_completion.d/mainstem", "for everybody's bash"}}},
      completion_fields(), run);
}

}  // namespace mainstem::cli
