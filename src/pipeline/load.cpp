#include "pipeline/load.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "pipeline/error_list.h"
#include "pipeline/files.h"
#include "pipeline/read_pipeline.h"
#include "pipeline/read_project.h"
#include "pipeline/read_tests.h"
#include "pipeline/validate.h"

namespace mainstem::pipeline {
namespace {

bool wanted(const LoadOptions& options, const std::string& pipeline) {
  return !options.pipelines || std::ranges::find(*options.pipelines, pipeline) != options.pipelines->end();
}

struct PipelineErrors {
  std::optional<PipelineFileContent> content;
  ErrorList errors;
};

void append(ErrorList& all, ErrorList& more) {
  for (auto& error : more.take_sorted()) all.add(std::move(error));
}

// Pipelines that were asked for and that no file holds. A file that could not be read may be the one, so its errors
// count then.
void check_wanted(const LoadOptions& options, const Project& project, std::vector<PipelineErrors>& unread,
                  const std::vector<std::string>& all_names, ErrorList& errors) {
  if (!options.pipelines) return;
  for (const auto& name : *options.pipelines) {
    if (std::ranges::find(project.pipelines, name, &PipelineSpec::name) != project.pipelines.end()) continue;
    errors.add(
        Error(ErrorCode::invalid_config, fmt::format("unknown pipeline '{}'", name)).hint(suggestion(name, all_names)));
    for (auto& file : unread) append(errors, file.errors);
  }
}

void check_doubled_name(const Project& project, const PipelineSpec& spec, ErrorList& errors) {
  auto it = std::ranges::find(project.pipelines, spec.name, &PipelineSpec::name);
  if (!spec.name.empty() && it != project.pipelines.end())
    errors.add(Error(ErrorCode::invalid_config, fmt::format("a second pipeline '{}'", spec.name))
                   .at(spec.position)
                   .hint(fmt::format("the first is at {}", it->position.to_string())));
}

// What the parts mean together is only looked at once each of them could be read.
void judge(PipelineSpec& spec, const Reading& reading, const Project& project, ErrorList& errors) {
  if (errors.size() > 0) return;
  inherit(spec);
  validate(spec, project, reading.connectors, errors);
  if (errors.size() > 0 || !reading.options.sql_references) return;
  const auto graph = build_graph(spec, reading.options.sql_references, errors);
  if (graph) validate_flow(spec, *graph, errors);
}

// Returns the tests found in SQL files.
std::vector<TestSpec> read_pipelines(const Reading& reading, Project& project, ErrorList& errors) {
  std::vector<TestSpec> tests;
  const auto paths = errors.keep(list_yaml_files(join_path(reading.directory, "pipelines")));
  if (!paths) return tests;
  std::vector<std::string> names;
  std::vector<PipelineErrors> unread;
  for (const auto& path : *paths) {
    PipelineErrors file;
    file.content = read_pipeline(reading, path, file.errors);
    if (!file.content) {
      if (!reading.options.pipelines) append(errors, file.errors);
      unread.push_back(std::move(file));
      continue;
    }
    auto& spec = file.content->spec;
    names.push_back(spec.name);
    if (!wanted(reading.options, spec.name)) continue;
    judge(spec, reading, project, file.errors);
    check_doubled_name(project, spec, file.errors);
    append(errors, file.errors);
    project.pipelines.push_back(std::move(spec));
    for (auto& test : file.content->tests) tests.push_back(std::move(test));
  }
  check_wanted(reading.options, project, unread, names, errors);
  return tests;
}

// A connection's problem is an error of the project if something that was loaded needs it.
void report_connections(const LoadOptions& options, Project& project, ErrorList& errors) {
  std::set<std::string> used;
  for (const auto& pipeline : project.pipelines) {
    for (const auto& source : pipeline.sources) used.insert(source.from);
    for (const auto& target : pipeline.targets) used.insert(target.to);
  }
  for (const auto& connection : project.connections)
    if (connection.problem && (!options.pipelines || used.contains(connection.name))) errors.add(*connection.problem);
}

// Finds the pipeline a test belongs to.
Result<void> settle_test(const Project& project, TestSpec& test) {
  if (!test.pipeline.empty()) MS_TRY(project.pipeline(test.pipeline));
  const auto has_model = [&](const PipelineSpec& spec) {
    return (test.pipeline.empty() || spec.name == test.pipeline) && spec.find_transform(test.model) != nullptr;
  };
  const auto fitting = std::ranges::count_if(project.pipelines, has_model);
  if (fitting == 1) {
    test.pipeline = std::ranges::find_if(project.pipelines, has_model)->name;
    return {};
  }
  if (fitting > 1)
    return Error(ErrorCode::invalid_config, fmt::format("several pipelines have a model '{}'", test.model))
        .hint("add 'pipeline'");
  std::vector<std::string> models;
  for (const auto& pipeline : project.pipelines) add_names(models, pipeline.transforms);
  return Error(ErrorCode::invalid_config, fmt::format("test of an unknown model '{}'", test.model))
      .hint(suggestion(test.model, models));
}

// The columns that a source can give; nothing if it may have others.
std::vector<std::string> all_columns(const SourceSpec& source) {
  if (!source.columns.empty()) return source.columns;
  if (source.contract.new_columns == NewColumns::evolve) return {};
  return names_of(source.contract.columns);
}

// Rows name no column that the source cannot have.
Result<void> check_columns(const TestTable& table, const SourceSpec& source) {
  const auto known = all_columns(source);
  if (known.empty()) return {};
  for (const auto& row : table.rows)
    for (const auto& [name, value] : row.entries())
      if (std::ranges::none_of(known, [&name](const auto& column) { return same_name(column, name); }))
        return Error(ErrorCode::invalid_config, fmt::format("source '{}' has no column '{}'", source.name, name))
            .at(row.key_position(name))
            .hint(suggestion(name, known));
  return {};
}

Result<void> check_given(const PipelineSpec& pipeline, const TestSpec& test, const TestTable& table) {
  const auto* source = pipeline.find_source(table.name);
  if (source == nullptr && pipeline.find_transform(table.name) == nullptr)
    return Error(ErrorCode::invalid_config,
                 fmt::format("'{}' is neither a source nor a model of pipeline '{}'", table.name, pipeline.name))
        .at(table.position)
        .hint("name in 'given' what the model reads");
  if (same_name(table.name, test.model))
    return Error(ErrorCode::invalid_config, fmt::format("'{}' is given, and the model that is tested", table.name))
        .at(table.position)
        .hint("name in 'given' what the model reads");
  const auto has_type = [](const ContractColumn& column) { return !column.type.empty(); };
  const bool has_columns =
      !table.columns.empty() || (source != nullptr && std::ranges::any_of(source->contract.columns, has_type));
  const auto is_empty = [](const config::Node& row) { return row.entries().empty(); };
  if (!has_columns && std::ranges::all_of(table.rows, is_empty))
    return Error(ErrorCode::invalid_config, fmt::format("'{}' has neither rows nor columns", table.name))
        .at(table.position)
        .hint("for an empty table write {columns: {name: type}}");
  if (source != nullptr) MS_TRY(check_columns(table, *source));
  return {};
}

Result<void> check_given(const Project& project, const TestSpec& test) {
  MS_ASSIGN(const auto* pipeline, project.pipeline(test.pipeline));
  for (const auto& table : test.given) MS_TRY(check_given(*pipeline, test, table));
  return {};
}

void read_test_files(const Reading& reading, std::vector<TestSpec>& tests, ErrorList& errors) {
  const auto paths = errors.keep(list_yaml_files(join_path(reading.directory, "tests")));
  if (!paths) return;
  for (const auto& path : *paths)
    for (auto& test : read_test_file(path, errors)) tests.push_back(std::move(test));
}

void settle_tests(std::vector<TestSpec> tests, Project& project, ErrorList& errors) {
  for (auto& test : tests) {
    auto settled = settle_test(project, test);
    if (settled) settled = check_given(project, test);
    if (!settled)
      errors.add(std::move(settled).error().at(test.position).during(fmt::format("reading test '{}'", test.name)));
    else
      project.tests.push_back(std::move(test));
  }
}

void report_unused(const Parameters& parameters, ErrorList& errors) {
  for (const auto& name : parameters.unused())
    errors.add(Error(ErrorCode::invalid_config, fmt::format("nothing uses the parameter '{}'", name))
                   .hint("check its name, or declare it under 'params'"));
}

}  // namespace

Loaded load_with_errors(const std::string& directory, const LoadOptions& options,
                        const std::vector<connector::ConnectorSpec>& connectors) {
  ErrorList errors;
  Parameters parameters(options.params);
  ErrorList missing;
  const Reading reading{.directory = directory,
                        .options = options,
                        .connectors = connectors,
                        .parameters = parameters,
                        .missing = missing};
  Loaded loaded{.project = read_project(reading, errors), .errors = {}, .missing = {}};
  const bool readable = !loaded.project.name.empty() || errors.size() == 0;
  if (readable) {
    auto tests = read_pipelines(reading, loaded.project, errors);
    report_connections(options, loaded.project, errors);
    if (!options.pipelines) read_test_files(reading, tests, errors);
    // A test cannot be placed while pipelines are missing.
    if (errors.size() == 0) settle_tests(std::move(tests), loaded.project, errors);
    if (errors.size() == 0) report_unused(parameters, errors);
  }
  loaded.errors = errors.take_sorted();
  loaded.missing = missing.take_sorted();
  return loaded;
}

Result<Project> load_project(const std::string& directory, const LoadOptions& options,
                             const std::vector<connector::ConnectorSpec>& connectors) {
  auto loaded = load_with_errors(directory, options, connectors);
  if (!loaded.errors.empty()) return std::move(loaded.errors.front());
  return std::move(loaded.project);
}

Result<std::string> find_project(const std::string& start) {
  std::error_code failure;
  auto folder = std::filesystem::absolute(start, failure);
  for (; !failure; folder = folder.parent_path()) {
    if (std::filesystem::is_regular_file(folder / "mainstem.yaml", failure)) return folder.lexically_normal().string();
    failure.clear();
    if (folder == folder.parent_path()) break;
  }
  return Error(ErrorCode::invalid_config, "no mainstem.yaml in '" + start + "' or above it")
      .hint("change into a project folder, or make one with 'mainstem init'");
}

std::optional<std::string> process_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace mainstem::pipeline
