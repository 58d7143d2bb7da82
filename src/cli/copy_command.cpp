#include <filesystem>
#include <fmt/format.h>

#include "app/copy/copy.h"
#include "app/run_pipeline.h"
#include "app/text_file.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/syntax/parse.h"
#include "cli/view/run_report.h"

namespace mainstem::cli {
namespace {

struct CopyArguments : CommonArguments, ResourceArguments {
  std::string from;
  std::string to;
  std::optional<connector::WriteMode> mode;
  std::vector<std::string> key;
  std::vector<std::string> partition_by;
  std::vector<std::string> columns;
  std::vector<std::string> select;
  std::string where;
  std::string format;
  std::string to_format;
  std::optional<std::string> bad_rows;
  std::string password_env;
  std::string save;
};

const config::Fields<CopyArguments>& copy_fields() {
  static const auto fields =
      config::Fields<CopyArguments>()
          .required("from", &CopyArguments::from, "What to read: a path, a glob, '-' or a URL; #TABLE names the table.")
          .required("to", &CopyArguments::to, "Where to write, in the same words.")
          .optional(
              "mode", &CopyArguments::mode,
              "append, replace (the default), merge or partition. append adds the rows each time the command is run.",
              {.type = "mode"})
          .optional("key", &CopyArguments::key,
                    "Key columns for merge, separated by commas; found out if the source knows.",
                    {.type = "list of column"})
          .optional("partition_by", &CopyArguments::partition_by, "Columns whose values make the partitions.",
                    {.type = "list of column"})
          .optional("columns", &CopyArguments::columns, "Types of columns, as 'price:decimal(12,2),day:date'.",
                    {.type = "list of name:type"})
          .optional("select", &CopyArguments::select, "Only these columns, in this order.", {.type = "list of column"})
          .optional("where", &CopyArguments::where, "SQL condition; in the source's dialect where it is a database.",
                    {.type = "sql"})
          .optional("format", &CopyArguments::format, "Format of the source's files, if not told by their names.",
                    {.type = "format"})
          .optional("to_format", &CopyArguments::to_format, "Format of the target's files.", {.type = "format"})
          .optional("bad_rows", &CopyArguments::bad_rows, "Bad rows allowed: a number, a share such as 0.1%, or both.",
                    {.type = "budget"})
          .optional("save", &CopyArguments::save, "Then write this copy as a project into a folder.",
                    {.type = "folder"})
          .include(resource_fields())
          .include(common_fields());
  return fields;
}

// Options that the table does not know belong to the connectors and formats.
config::Node take_further(config::Node& options) {
  auto further = config::Node::map({});
  std::vector<std::string> keys;
  for (const auto& [key, value] : options.entries())
    if (copy_fields().table().find(key) == nullptr) keys.push_back(key);
  for (const auto& key : keys) further.set(key, options.take(key));
  return further;
}

Result<void> write_new_file(const std::filesystem::path& path, const std::string& text) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored))
    return Error(ErrorCode::already_exists, fmt::format("{} is there already", path.string()))
        .hint("name another folder with --save");
  return app::write_text_file(path, text);
}

Result<void> save(const app::copy::CopyPlan& plan, const std::string& folder) {
  const auto saved = app::copy::save_copy(plan, folder);
  MS_TRY(write_new_file(std::filesystem::path(folder) / "mainstem.yaml", saved.project));
  return write_new_file(std::filesystem::path(folder) / "pipelines" / "copy.yaml", saved.pipeline);
}

std::string look_at_quarantine(const app::copy::CopyPlan& plan, const run::RunResult& result) {
  return fmt::format("mainstem query \"select * from '{}' where run_id = '{}'\"",
                     app::copy::quarantine_address(plan, result.quarantine), result.run_id);
}

Result<int> run(Session& session, const config::Node& given) {
  auto options = given;
  app::copy::CopyRequest request{.options = take_further(options), .own_options = {}};
  MS_ASSIGN(const auto arguments, copy_fields().read(options));
  const bool to_standard_output = arguments.to == "-";
  if (session.terminal.json() && to_standard_output)
    return Error(ErrorCode::invalid_config, "--json and the rows of '-' would both go to standard output")
        .hint("leave out --json, or write the rows to a file");
  for (const auto& option : copy_fields().table().options) request.own_options.push_back(option.name);
  request.from = arguments.from;
  request.to = arguments.to;
  request.mode = arguments.mode;
  request.key = syntax::split_list(arguments.key);
  request.partition_by = syntax::split_list(arguments.partition_by);
  request.columns = syntax::split_list(arguments.columns);
  request.select = syntax::split_list(arguments.select);
  request.where = arguments.where;
  request.format = arguments.format;
  request.to_format = arguments.to_format;
  request.bad_rows = arguments.bad_rows;
  const auto resources = to_resources(arguments);
  MS_ASSIGN(const auto scratch,
            app::RunContext::make(session.services, resources, std::filesystem::temp_directory_path().string()));
  MS_ASSIGN(const auto plan, app::copy::plan_copy(scratch->context(), session.services, request));
  if (plan.password_in_address)
    session.terminal.warn("a password on a command line can be read by others; use the environment or a file instead");
  view::RunView view(session.terminal);
  const auto result = app::run_pipeline(session.services, plan.project, plan.project.pipelines.front(),
                                        {.resources = resources, .recorded = false, .command = "copy"}, view);
  if (!session.terminal.json() && !to_standard_output) view::print_copy_result(session.terminal, result);
  view::print_quarantine(session.terminal, result, look_at_quarantine(plan, result));
  view::print_end(session.terminal, result);
  if (!result.error && !arguments.save.empty()) MS_TRY(save(plan, arguments.save));
  return exit_code(result);
}

}  // namespace

Command copy_command() {
  return {.name = "copy",
          .summary = "Move data once, without a project.",
          .description =
              "Reads FROM, works out the types of its columns, loads TO aside, compares counts and content, and then "
              "makes it visible in one step. Options of the connectors and formats (mainstem connectors NAME) may be "
              "given, too: --delimiter ';', or --from-delimiter and --to-delimiter where both sides have them.",
          .positionals = {"from", "to"},
          .options = copy_fields().shared_table(),
          .passes_options = true,
          .examples = {{"copy orders.csv sqlite:///shop.db#orders", "a file into a table"},
                       {"copy 'postgres://etl@crm/crm#public.customers' lake/customers.parquet", "a table into a file"},
                       {"copy 'sqlite:///shop.db#*' duckdb:///shop.duckdb", "every table"},
                       {"copy orders.csv.gz - --to-format json", "to standard output, as JSON lines"}},
          .run = run};
}

}  // namespace mainstem::cli
