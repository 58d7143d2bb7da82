#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/syntax/help.h"

namespace mainstem::cli {
namespace {

struct CompletionArguments : CommonArguments {
  std::string shell;
};

const config::Fields<CompletionArguments>& completion_fields() {
  static const auto fields = config::Fields<CompletionArguments>()
                                 .required("shell", &CompletionArguments::shell, "bash, zsh or fish.")
                                 .include(common_fields());
  return fields;
}

Result<int> run(Session& session, const CompletionArguments& arguments) {
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
