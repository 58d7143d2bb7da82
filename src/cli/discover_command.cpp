#include <arrow/api.h>
#include <filesystem>
#include <fmt/format.h>

#include "app/inspect/look.h"
#include "app/project.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal/table.h"
#include "columnar/type_name.h"

namespace mainstem::cli {
namespace {

struct DiscoverArguments : ProjectArguments {
  std::string connection;
  std::string pattern;
};

const config::Fields<DiscoverArguments>& discover_fields() {
  static const auto fields =
      config::Fields<DiscoverArguments>()
          .required("connection", &DiscoverArguments::connection, "A connection of the project, or an address.",
                    {.type = "connection"})
          .optional("pattern", &DiscoverArguments::pattern, "Names wanted, with * and ?; one table shows its columns.")
          .include(project_fields());
  return fields;
}

std::string document(const std::vector<connector::TableInfo>& tables) {
  JsonWriter json;
  json.begin_object().key("tables").begin_array();
  for (const auto& info : tables) {
    json.begin_object()
        .member("table", info.table.to_string())
        .member("kind", info.kind)
        .member("rows", info.estimate.rows < 0 ? std::nullopt : std::optional(info.estimate.rows))
        .member("bytes", info.estimate.bytes < 0 ? std::nullopt : std::optional(info.estimate.bytes))
        .member("key", info.primary_key)
        .member("comment", info.comment);
    json.key("columns").begin_object();
    if (info.schema != nullptr)
      for (const auto& field : info.schema->fields()) json.member(field->name(), columnar::type_name(*field->type()));
    json.end_object().end_object();
  }
  return json.end_array().end_object().take();
}

void print_columns(terminal::Terminal& terminal, const connector::TableInfo& info) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& field : info.schema->fields()) {
    const bool in_key = std::ranges::find(info.primary_key, field->name()) != info.primary_key.end();
    rows.push_back(
        {field->name(), columnar::type_name(*field->type()), field->nullable() ? "" : "not null", in_key ? "key" : ""});
  }
  terminal.print("\n" + terminal::draw_table({{.title = "column"}, {.title = "type"}, {.title = ""}, {.title = ""}},
                                             rows, terminal.width()));
}

void print_tables(terminal::Terminal& terminal, const std::vector<connector::TableInfo>& tables) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& info : tables)
    rows.push_back({info.table.to_string(), info.kind,
                    info.estimate.rows < 0 ? "" : "~" + terminal::with_separators(info.estimate.rows),
                    info.estimate.bytes < 0 ? "" : terminal::short_bytes(info.estimate.bytes),
                    fmt::format("{}", fmt::join(info.primary_key, ", ")), info.comment});
  terminal.print(terminal::draw_table({{.title = "table"},
                                       {.title = "kind"},
                                       {.title = "rows", .right = true},
                                       {.title = "size", .right = true},
                                       {.title = "key"},
                                       {.title = "comment"}},
                                      rows, terminal.width()));
  if (tables.size() == 1 && tables.front().schema != nullptr) print_columns(terminal, tables.front());
}

bool is_address(const std::string& text) { return text.find_first_of(":/.") != std::string::npos; }

Result<std::vector<connector::TableInfo>> find_tables(Session& session, const DiscoverArguments& arguments) {
  if (is_address(arguments.connection)) {
    MS_ASSIGN(const auto context,
              app::RunContext::make(session.services, {}, std::filesystem::temp_directory_path().string()));
    const auto hash = arguments.pattern.empty() ? "" : "#" + arguments.pattern;
    return app::inspect::discover_address(context->context(), session.services, arguments.connection + hash);
  }
  MS_ASSIGN(const auto project,
            app::open_project(session.services, project_request(arguments, std::vector<std::string>{})));
  MS_ASSIGN(const auto context, app::RunContext::make(session.services, {}, app::local_folder(project) + "/scratch"));
  return app::inspect::discover(context->context(), session.services, project, arguments.connection, arguments.pattern);
}

Result<int> run(Session& session, const DiscoverArguments& arguments) {
  MS_ASSIGN(const auto tables, find_tables(session, arguments));
  if (session.terminal.json()) {
    session.terminal.line(document(tables));
    return kOk;
  }
  print_tables(session.terminal, tables);
  if (tables.empty()) session.terminal.note("nothing fits");
  return kOk;
}

}  // namespace

Command discover_command() {
  return syntax::make_command<DiscoverArguments>(
      {.name = "discover",
       .summary = "List the tables of a connection, or the columns of one.",
       .positionals = {"connection", "pattern"},
       .examples = {{"discover crm", "all tables that the user can see"},
                    {"discover crm 'public.cust*'", "some of them"},
                    {"discover sqlite:///shop.db", "of an address, without a project"}}},
      discover_fields(), run);
}

}  // namespace mainstem::cli
