#include <fmt/format.h>

#include "app/init.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"

namespace mainstem::cli {
namespace {

struct InitArguments : CommonArguments {
  std::string folder = ".";
};

const config::Fields<InitArguments>& init_fields() {
  static const auto fields =
      config::Fields<InitArguments>()
          .optional("folder", &InitArguments::folder, "Folder to make; its name becomes the project's.")
          .include(common_fields());
  return fields;
}

Result<int> run(Session& session, const InitArguments& arguments) {
  MS_ASSIGN(const auto files, app::init_project(arguments.folder));
  auto& terminal = session.terminal;
  if (terminal.json()) {
    terminal.line(JsonWriter().begin_object().member("files", files).end_object().take());
    return kOk;
  }
  for (const auto& file : files) terminal.note("  " + file);
  terminal.note("\nnext:");
  if (arguments.folder != ".") terminal.note(fmt::format("  cd {}", arguments.folder));
  terminal.note("  mainstem plan\n  mainstem run\n  mainstem query --on warehouse 'select * from revenue'");
  return kOk;
}

}  // namespace

Command init_command() {
  return syntax::make_command<InitArguments>(
      {.name = "init",
       .summary = "Make a small project with data that runs at once.",
       .positionals = {"folder"},
       .examples = {{"init shop", "a project named shop in a folder of that name"}}},
      init_fields(), run);
}

}  // namespace mainstem::cli
