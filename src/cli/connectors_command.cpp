#include <algorithm>
#include <fmt/format.h>

#include "app/reference.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal/table.h"

namespace mainstem::cli {
namespace {

struct ConnectorsArguments : CommonArguments {
  std::string name;
};

const config::Fields<ConnectorsArguments>& connectors_fields() {
  static const auto fields = config::Fields<ConnectorsArguments>()
                                 .optional("name", &ConnectorsArguments::name, "One connector or file format, in full.")
                                 .include(common_fields());
  return fields;
}

std::string sides(const connector::Capabilities& capabilities) {
  if (capabilities.read && capabilities.write) return "read, write";
  return capabilities.read ? "read" : "write";
}

std::string modes(const connector::Capabilities& capabilities) {
  std::vector<std::string> names;
  for (const auto& [mode, delivery] : capabilities.writes)
    names.push_back(config::Conversion<connector::WriteMode>::write(mode));
  return fmt::format("{}", fmt::join(names, ", "));
}

void print_list(Session& session) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& spec : session.services.connectors)
    rows.push_back({spec.name, spec.title, sides(spec.capabilities), modes(spec.capabilities), spec.summary});
  auto& terminal = session.terminal;
  terminal.print(terminal::draw_table(
      {{.title = "type"}, {.title = "name"}, {.title = "can"}, {.title = "write modes"}, {.title = ""}}, rows,
      terminal.width()));
  terminal.line(fmt::format("\nfile formats: {}", fmt::join(app::format_names(), ", ")));
}

Result<int> run(Session& session, const ConnectorsArguments& arguments) {
  auto& terminal = session.terminal;
  if (arguments.name.empty()) {
    if (terminal.json())
      terminal.line(app::connectors_json(session.services.connectors));
    else
      print_list(session);
    return kOk;
  }
  const auto& connectors = session.services.connectors;
  if (terminal.json()) {
    MS_ASSIGN(const auto document, app::reference_json(connectors, arguments.name));
    terminal.line(document);
    return kOk;
  }
  MS_ASSIGN(const auto page, app::reference_page(connectors, arguments.name));
  terminal.print(page);
  return kOk;
}

}  // namespace

Command connectors_command() {
  return syntax::make_command<ConnectorsArguments>(
      {.name = "connectors",
       .summary = "List the connectors and file formats, or show one with all its options.",
       .positionals = {"name"},
       .examples = {{"connectors", "what there is"}, {"connectors postgres", "its options, types, limits"}}},
      connectors_fields(), run);
}

}  // namespace mainstem::cli
