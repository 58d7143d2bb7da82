#include <filesystem>
#include <fmt/format.h>

#include "app/reference.h"
#include "app/result_json.h"
#include "app/text_file.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/syntax/help.h"
#include "pipeline/schema.h"

namespace mainstem::cli {
namespace {

struct DocsArguments : CommonArguments {
  std::string reference;
};

const config::Fields<DocsArguments>& docs_fields() {
  static const auto fields = config::Fields<DocsArguments>()
                                 .required("reference", &DocsArguments::reference,
                                           "Folder to write the reference pages into.", {.type = "folder"})
                                 .include(common_fields());
  return fields;
}

Result<int> run(Session& session, const DocsArguments& arguments) {
  const auto& connectors = session.services.connectors;
  auto pages = app::reference_pages(connectors);
  pages.emplace_back("commands.md", syntax::commands_page(all_commands()));
  pages.emplace_back("mainstem.1", syntax::manual_page(all_commands()));
  pages.emplace_back("schema/project.json", pipeline::project_schema(connectors));
  pages.emplace_back("schema/pipeline.json", pipeline::pipeline_schema(connectors));
  pages.emplace_back("schema/test.json", pipeline::test_schema());
  pages.emplace_back("schema/result.json", app::result_schema());
  for (const auto& [name, text] : pages)
    MS_TRY(app::write_text_file(std::filesystem::path(arguments.reference) / name, text));
  if (session.terminal.json()) {
    std::vector<std::string> files;
    for (const auto& [name, text] : pages) files.push_back(name);
    session.terminal.line(JsonWriter().begin_object().member("files", files).end_object().take());
    return kOk;
  }
  session.terminal.note(fmt::format("{} pages in {}", pages.size(), arguments.reference));
  return kOk;
}

}  // namespace

Command docs_command() {
  return syntax::make_command<DocsArguments>(
      {.name = "docs",
       .summary = "Write the reference: connectors, formats, language, commands, manual page, JSON Schemas.",
       .examples = {{"docs --reference docs/reference", "as the pages in the source tree are made"}}},
      docs_fields(), run);
}

}  // namespace mainstem::cli
