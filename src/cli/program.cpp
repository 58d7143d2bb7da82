#include "cli/program.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "app/composition.h"
#include "app/result_json.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/signals.h"
#include "cli/syntax/command.h"
#include "cli/syntax/help.h"
#include "cli/syntax/parse.h"
#include "cli/view/log_lines.h"

namespace mainstem::cli {
namespace {

// https://no-color.org: any value but the empty one.
bool colours_allowed() {
  const auto* no_colour = std::getenv("NO_COLOR");
  const auto* kind = std::getenv("TERM");
  return (no_colour == nullptr || *no_colour == '\0') && (kind == nullptr || std::string_view(kind) != "dumb");
}

bool is_set(const config::Node& options, const char* name) {
  const auto* value = options.find(name);
  return value != nullptr && value->text() == "true";
}

// An error that no result document has told of: as text, and with --json as a document of its own.
int report(terminal::Terminal& terminal, const Error& error) {
  terminal.error(error);
  if (terminal.json()) {
    JsonWriter json;
    json.begin_object().key("error");
    app::write_error(json, error);
    terminal.line(json.end_object().take());
  }
  return exit_code(error);
}

int run_command(terminal::Terminal& terminal, const syntax::Invocation& invocation) {
  view::LogLines log(terminal);
  app::Composition composition(log);
  watch_signals(composition.services().cancellation);
  syntax::Session session{.services = composition.services(), .terminal = terminal};
  auto code = invocation.command->run(session, invocation.options);
  // Who closes a pipe (`| head`) has seen enough; commands that move data have told of it themselves.
  if (pipe_closed() && !code) return kPipeClosed;
  if (pipe_closed() && !terminal.out_ok()) return *code == kOk ? kPipeClosed : *code;
  if (!code) return report(terminal, code.error());
  if (!terminal.out_ok()) {
    terminal.error(Error(ErrorCode::unavailable, "standard output could not be written"));
    return kFailed;
  }
  return *code;
}

}  // namespace

int run_program(int argc, char** argv) {
  terminal::Terminal terminal(stdout, stderr, colours_allowed());
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto invocation = syntax::parse_command_line(words, all_commands());
  if (!invocation) {
    terminal.set_json(std::ranges::find(words, "--json") != words.end());
    return report(terminal, invocation.error());
  }
  if (invocation->version) {
    terminal.line(fmt::format("mainstem {}", app::version()));
    return kOk;
  }
  if (invocation->help) {
    terminal.print(invocation->command == nullptr ? syntax::program_help(all_commands())
                                                  : syntax::command_help(*invocation->command, terminal.width()));
    return kOk;
  }
  terminal.set_json(is_set(invocation->options, "json"));
  terminal.set_quiet(is_set(invocation->options, "quiet"));
  return run_command(terminal, *invocation);
}

}  // namespace mainstem::cli
