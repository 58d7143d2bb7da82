#include <algorithm>
#include <arrow/api.h>
#include <filesystem>
#include <fmt/format.h>

#include "app/inspect/look.h"
#include "app/project.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/view/table_view.h"

namespace mainstem::cli {
namespace {

struct QueryArguments : ProjectArguments, ResourceArguments, view::ViewArguments {
  std::string sql;
  std::string on;
  std::vector<std::string> table;
};

const config::Fields<QueryArguments>& query_fields() {
  static const auto fields =
      config::Fields<QueryArguments>()
          .required("sql", &QueryArguments::sql, "A SELECT.")
          .optional("on", &QueryArguments::on, "Connection of the project that runs the query; here if not given.",
                    {.type = "connection"})
          .optional("table", &QueryArguments::table, "Name for an address that the query reads: NAME=ADDRESS.",
                    {.type = "list of name=address"})
          .include(view::view_fields())
          .include(resource_fields())
          .include(project_fields());
  return fields;
}

Result<std::vector<app::inspect::NamedAddress>> named_addresses(const std::vector<std::string>& pairs) {
  std::vector<app::inspect::NamedAddress> tables;
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos)
      return Error(ErrorCode::invalid_config, fmt::format("--table: '{}' is not NAME=ADDRESS", pair))
          .hint("for example --table orders=orders.csv");
    tables.push_back({.name = pair.substr(0, equals), .address = pair.substr(equals + 1)});
  }
  return tables;
}

Result<int> run(Session& session, const QueryArguments& arguments) {
  const auto resources = to_resources(arguments);
  std::shared_ptr<arrow::Table> rows;
  if (arguments.on.empty()) {
    MS_ASSIGN(const auto tables, named_addresses(arguments.table));
    MS_ASSIGN(const auto context,
              app::RunContext::make(session.services, resources, std::filesystem::temp_directory_path().string()));
    MS_ASSIGN(rows, app::inspect::query(*context, session.services, tables, arguments.sql,
                                        arguments.most_rows(session.terminal)));
    MS_TRY(view::show_rows(session.terminal, context->context(), *rows, arguments));
    return kOk;
  }
  MS_ASSIGN(const auto project,
            app::open_project(session.services, project_request(arguments, std::vector<std::string>{})));
  MS_ASSIGN(const auto context,
            app::RunContext::make(session.services, resources, app::local_folder(project) + "/scratch"));
  MS_ASSIGN(rows,
            app::inspect::query_connection(
                *context, session.services, project,
                {.connection = arguments.on, .sql = arguments.sql, .max_rows = arguments.most_rows(session.terminal)}));
  MS_TRY(view::show_rows(session.terminal, context->context(), *rows, arguments));
  return kOk;
}

}  // namespace

Command query_command() {
  return syntax::make_command<QueryArguments>(
      {.name = "query",
       .summary = "Show the rows of an SQL query.",
       .description =
           "Here, over addresses that stand quoted in it or that --table names; or in a connection of the project.",
       .positionals = {"sql"},
       .examples =
           {{"query \"select country, count(*) from 'orders.csv' group by all\"", "over a file"},
            {"query 'select * from o join c using (customer_id)' --table o=orders.csv --table c=shop.duckdb#customers",
             "with names of its own"},
            {"query --on dwh 'select country, revenue from mart.kpis' --chart country,revenue",
             "in a connection, with a chart"}}},
      query_fields(), run);
}

}  // namespace mainstem::cli
