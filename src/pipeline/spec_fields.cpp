#include "pipeline/spec_fields.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "pipeline/checks.h"
#include "pipeline/steps.h"

namespace mainstem::pipeline {
namespace {

using config::Fields;

const Fields<Incremental>& incremental_fields() {
  static const auto fields =
      Fields<Incremental>()
          .required("cursor", &Incremental::cursor, "Column that only grows, like a time of change.")
          .optional("lookback", &Incremental::lookback,
                    "How far to step back for late rows: a duration for times, a number for numbers.",
                    {.examples = {"1h", "1000"}});
  return fields;
}

const Fields<Contract>& contract_fields() {
  static const auto fields =
      Fields<Contract>()
          .optional("columns", &Contract::columns,
                    "Types of columns; 'not null' may follow. The n of varchar(n) is heeded, in characters.",
                    {.examples = {"{sku: text not null, price: \"decimal(12,2)\"}"}})
          .optional("new_columns", &Contract::new_columns, "What happens to columns the contract does not name.")
          .optional(
              "types", &Contract::types,
              "What happens when a column has another type than in the last run or than declared: widen takes a wider "
              "one of the same kind, and in place of text any single value, with a warning; fail takes none. Anything "
              "else stops the run.")
          .optional("bad_rows", &Contract::bad_rows, "What happens to rows that do not fit.");
  return fields;
}

const Fields<Schedule>& schedule_fields() {
  static const auto fields = Fields<Schedule>()
                                 .required("cron", &Schedule::cron, "Minute, hour, day of month, month, day of week.",
                                           {.examples = {"15 2 * * *", "@hourly"}})
                                 .optional("timezone", &Schedule::timezone, "IANA name; the project's if not given.",
                                           {.examples = {"Europe/Berlin"}});
  return fields;
}

const Fields<PipelineFile::Limits>& budget_fields() {
  static const auto fields = Fields<PipelineFile::Limits>().optional(
      "bad_rows", &PipelineFile::Limits::bad_rows,
      "Bad rows a run may have: a percentage of the rows read, a number, or both (the larger counts).",
      {.examples = {"0.1%", "[1%, 10]"}});
  return fields;
}

const Fields<Retry>& retry_fields() {
  static const auto fields = Fields<Retry>()
                                 .optional("attempts", &Retry::attempts, "Attempts in all.", {.min = 1, .max = 100})
                                 .optional("pause", &Retry::pause, "Pause before the second; doubles from there.");
  return fields;
}

const Fields<SourceSpec>& source_spec_fields() {
  static const auto fields =
      Fields<SourceSpec>()
          .required("from", &SourceSpec::from, "Connection to read from.")
          .optional("table", &SourceSpec::table, "Table, as schema.name.", {.examples = {"public.customers"}})
          .optional("description", &SourceSpec::description, "For catalog and docs.")
          .optional("key", &SourceSpec::key, "Columns that identify a row.")
          .optional("columns", &SourceSpec::columns, "Columns to read; all if not given.")
          .optional("where", &SourceSpec::where, "SQL condition in the source's own dialect.")
          .optional("incremental", &SourceSpec::incremental,
                    "Reads only what is new since the last run. Where rows are appended, those without a cursor go to "
                    "quarantine "
                    "in the first run, and later ones leave them out and count them.",
                    {.nested = incremental_fields().shared_table()})
          .table("contract", &SourceSpec::contract, contract_fields(), "What the source promises.");
  return fields;
}

// Takes `word` off the end of a type, and the blanks before it, which must be there.
bool take_last_word(std::string& text, std::string_view word) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (text.size() <= word.size()) return false;
  const size_t start = text.size() - word.size();
  if (!same_name(std::string_view(text).substr(start), word) || !is_blank(text[start - 1])) return false;
  text.resize(start);
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  return true;
}

Result<ContractColumn> read_column(const std::string& name, const config::Node& node, const config::Node& columns) {
  MS_ASSIGN(const auto written, config::read_text(node));
  ContractColumn column{.name = name, .position = columns.key_position(name)};
  auto text = written;
  column.not_null = take_last_word(text, "null") && take_last_word(text, "not");
  MS_ASSIGN(column.type, read_type(config::Node::scalar(column.not_null ? text : written, node.position())));
  return column;
}

Result<void> add_limit(const config::Node& node, Budget& budget) {
  MS_ASSIGN(auto text, config::read_text(node));
  const bool percent = text.ends_with('%');
  if (percent) text.pop_back();
  const auto number = config::read_number(config::Node::scalar(text, node.position()));
  const double most = percent ? 100 : 1e15;
  const bool whole = percent || text.find_first_not_of("0123456789") == std::string::npos;
  if (!number || !whole || !(*number >= 0 && *number <= most))
    return config::wrong_type(node, "a percentage like 0.1% or a number of rows");
  if (percent)
    budget.fraction = *number / 100;
  else
    budget.rows = static_cast<int64_t>(*number);
  return {};
}

}  // namespace

const Fields<PipelineFile>& pipeline_fields() {
  static const auto fields =
      Fields<PipelineFile>()
          .required("pipeline", &PipelineFile::name, "Name of the pipeline.")
          .optional("description", &PipelineFile::description, "For catalog and docs.")
          .optional("owner", &PipelineFile::owner, "Who is asked when something is wrong.")
          .optional("schedule", &PipelineFile::schedule, "When it runs.", {.nested = schedule_fields().shared_table()})
          .optional("params", &PipelineFile::params, "Parameters for ${param:name} and their defaults.")
          .required("sources", &PipelineFile::sources, "What is read, by name.",
                    {.type = "map of table", .nested = source_fields().shared_table()})
          .optional("transforms", &PipelineFile::transforms, "What is computed, by name.",
                    {.type = "map of table", .nested = transform_fields().shared_table()})
          .optional("mask", &PipelineFile::mask, "Columns masked before anything else sees them, as model.column.",
                    {.type = "map of table", .nested = mask_fields().shared_table()})
          .required("targets", &PipelineFile::targets, "What is published where.",
                    {.type = "list of table", .nested = target_fields().shared_table()})
          .optional("publish", &PipelineFile::publish, "Whether the targets become visible in one step.")
          .table("budget", &PipelineFile::budget, budget_fields(), "How much may be wrong.");
  return fields;
}

const Fields<SourceFile>& source_fields() {
  static const auto fields = Fields<SourceFile>()
                                 .include(source_spec_fields())
                                 .optional("checks", &SourceFile::check_list, "Checks of what was read.",
                                           {.type = "list of table", .nested = check_options()});
  return fields;
}

const Fields<TransformFile>& transform_fields() {
  static const auto fields =
      Fields<TransformFile>()
          .optional("description", &TransformFile::description, "For catalog and docs.")
          .optional("sql", &TransformFile::sql, "A SELECT over sources and models, or the path of an .sql file.",
                    {.examples = {"models/customer_kpis.sql"}, .type = "text"})
          .optional("from", &TransformFile::from, "Source or model that the steps begin with.")
          .optional("steps", &TransformFile::steps, "Steps in place of SQL, each reading the one before it.",
                    {.type = "list of table", .nested = step_options()})
          .optional("checks", &TransformFile::check_list, "Checks of the result.",
                    {.type = "list of table", .nested = check_options()});
  return fields;
}

const Fields<MaskFile>& mask_fields() {
  static const auto fields =
      Fields<MaskFile>()
          .required("method", &MaskFile::method, "How the column looks afterwards.")
          .optional("key", &MaskFile::key, "Key of the method hash.", {.examples = {"${env:MASK_KEY}"}});
  return fields;
}

const Fields<TargetSpec>& target_fields() {
  static const auto fields =
      Fields<TargetSpec>()
          .required("model", &TargetSpec::model, "Model or source that is published.")
          .required("to", &TargetSpec::to, "Connection to write to.")
          .optional("table", &TargetSpec::table, "Table, as schema.name.", {.examples = {"mart.customers"}})
          .optional("mode", &TargetSpec::mode,
                    "How rows meet those already there. append adds what was read: with an incremental source each row "
                    "once, however often a run is stopped and repeated; otherwise all rows of every run, "
                    "once a run: one that repeats a run stopped behind its publish, with the same input, adds none, as "
                    "long as the ledger in .mainstem is there to tell.")
          .optional("key", &TargetSpec::key, "Columns that identify a row; the source's key if a source is published.")
          .optional("partition_by", &TargetSpec::partition_by, "Columns that divide the table.")
          .optional("indexes", &TargetSpec::indexes, "Indexes to have; each a column or a list of columns.")
          .optional("deletes", &TargetSpec::deletes,
                    "What happens to rows that are gone from the source; only ignore can be used yet.");
  return fields;
}

const Fields<SqlHeader>& sql_header_fields() {
  static const auto fields =
      Fields<SqlHeader>()
          .optional("description", &SqlHeader::description, "For catalog and docs.")
          .optional("checks", &SqlHeader::check_list, "Checks of the result.",
                    {.type = "list of table", .nested = check_options()})
          .optional("tests", &SqlHeader::test_list, "Tests, as in tests/*.yaml, without 'model'.",
                    {.type = "list of table", .nested = test_fields().shared_table()});
  return fields;
}

const Fields<Defaults>& defaults_fields() {
  static const auto fields =
      Fields<Defaults>()
          .optional("memory", &Defaults::memory, "Memory a run may use; part of the machine's if not given.")
          .optional("threads", &Defaults::threads, "Threads a run may use; the machine's if not given.",
                    {.min = 1, .max = 1024})
          .table("retry", &Defaults::retry, retry_fields(), "What happens after failures that may pass.")
          .optional("timezone", &Defaults::timezone, "IANA name, for schedules.", {.examples = {"Europe/Berlin"}});
  return fields;
}

const Fields<ProjectFile>& project_fields() {
  static const auto fields =
      Fields<ProjectFile>()
          .required("project", &ProjectFile::name, "Name of the project.")
          .optional("description", &ProjectFile::description, "For catalog and docs.")
          .optional("connections", &ProjectFile::connections, "Systems to read from and write to, by name.",
                    {.type = "map of table"})
          .optional("environments", &ProjectFile::environments,
                    "What is different in dev, test, ...: chosen with --env. A connection with a type replaces the "
                    "project's, one without changes single options. Each environment has a history and cursors of its "
                    "own, in a target that it shares, too.",
                    {.type = "map of table", .nested = environment_fields().shared_table()})
          .optional("params", &ProjectFile::params, "Parameters for ${param:name} and their defaults.")
          .table("defaults", &ProjectFile::defaults, defaults_fields(), "Settings of all runs.");
  return fields;
}

const Fields<EnvironmentFile>& environment_fields() {
  static const auto fields =
      Fields<EnvironmentFile>()
          .optional("connections", &EnvironmentFile::connections, "Connections or options that differ.",
                    {.type = "map of any"})
          .optional("params", &EnvironmentFile::params, "Parameters that differ.", {.type = "map of text"})
          .optional("defaults", &EnvironmentFile::defaults, "Settings that differ.",
                    {.type = "table", .nested = defaults_fields().shared_table()});
  return fields;
}

const Fields<TestFile>& test_fields() {
  static const auto fields =
      Fields<TestFile>()
          .required("test", &TestFile::name, "Name of the test.")
          .optional("pipeline", &TestFile::pipeline, "Pipeline with the model, if several have one of this name.")
          .required("model", &TestFile::model, "Model that is tested.")
          .required(
              "given", &TestFile::given,
              "Rows of what it reads, by source or model: a list of rows, or {columns: {name: type}, rows: [...]}. All "
              "sources that it needs; a model that is not given is computed. Types not said here are those of the "
              "source's contract, or guessed. [] = no rows, with the contract's columns.",
              {.type = "map of any"})
          .required("expect", &TestFile::expect,
                    "Rows it must give, in any order; written as in given. Columns not named are not compared; null "
                    "and an empty text differ.");
  return fields;
}

Result<void> check_timezone(const config::Node& node) {
  MS_ASSIGN(const auto name, config::read_text(node));
  const std::filesystem::path zones("/usr/share/zoneinfo");
  const bool written_well =
      !name.empty() && name.front() != '/' && name.find("..") == std::string::npos &&
      std::ranges::all_of(name, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_+-/").contains(c);
      });
  std::error_code ignored;
  const bool unknown = written_well && std::filesystem::is_directory(zones, ignored) &&
                       !std::filesystem::is_regular_file(zones / name, ignored);
  if (!written_well || unknown) return config::wrong_type(node, "an IANA time zone, like Europe/Berlin or UTC");
  return {};
}

std::pair<config::Node, config::Node> split_options(const config::Node& map, const config::OptionTable& table) {
  auto own = config::Node::map({}, map.position());
  auto rest = config::Node::map({}, map.position());
  for (const auto& [key, value] : map.entries())
    (table.find(key) != nullptr ? own : rest).add_entry(key, value, map.key_position(key));
  return {std::move(own), std::move(rest)};
}

Result<Incremental> read_incremental(const config::Node& node) {
  MS_ASSIGN(auto incremental, incremental_fields().read(node));
  const auto& text = incremental.lookback;
  const bool number = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!number && !parse_duration(text))
    return config::wrong_type(*node.find("lookback"), "a duration such as 1h30m, or a whole number")
        .during("reading option 'lookback'");
  incremental.position = node.find("cursor")->position();
  return incremental;
}

Result<std::vector<ContractColumn>> read_contract_columns(const config::Node& node) {
  std::vector<ContractColumn> columns;
  if (!node.is_map()) return config::wrong_type(node, "a map from column to type");
  for (const auto& [name, type] : node.entries()) {
    MS_ASSIGN_DURING(auto column, read_column(name, type, node), fmt::format("reading the type of '{}'", name));
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<Cron> read_cron(const config::Node& node) {
  MS_ASSIGN(const auto text, config::read_text(node));
  auto cron = parse_cron(text);
  if (!cron) return std::move(cron).error().at(node.position());
  return cron;
}

Result<Schedule> read_schedule(const config::Node& node) {
  MS_ASSIGN(auto schedule, schedule_fields().read(node));
  const auto* timezone = node.find("timezone");
  if (timezone != nullptr && !timezone->is_null())
    MS_TRY_DURING(check_timezone(*timezone), "reading option 'timezone'");
  return schedule;
}

Result<Budget> read_budget(const config::Node& node) {
  Budget budget{.fraction = 0, .rows = 0};
  if (!node.is_list()) {
    MS_TRY(add_limit(node, budget));
    return budget;
  }
  for (const auto& item : node.items()) MS_TRY(add_limit(item, budget));
  return budget;
}

std::string write_budget(const Budget& budget) {
  return fmt::format("[{:.12g}%, {}]", budget.fraction * 100, budget.rows);
}

}  // namespace mainstem::pipeline
