#include "app/inspect/test_models.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <iterator>
#include <set>

#include "app/inspect/compute.h"
#include "app/inspect/test_rows.h"
#include "columnar/status.h"
#include "pipeline/error_list.h"
#include "pipeline/graph.h"
#include "plan/planner.h"

namespace mainstem::app::inspect {
namespace {

using columnar::from_arrow;
using pipeline::PipelineSpec;
using pipeline::TestSpec;
using pipeline::TestTable;

// The pipeline with the given tables in memory in place of the sources and models of their names.
PipelineSpec with_given(const PipelineSpec& whole, const TestSpec& test) {
  auto spec = whole;
  for (const auto& given : test.given) {
    std::erase_if(spec.sources, [&](const auto& source) { return pipeline::same_name(source.name, given.name); });
    std::erase_if(spec.transforms, [&](const auto& model) { return pipeline::same_name(model.name, given.name); });
    spec.sources.push_back({.name = given.name, .from = kMemoryConnection, .table = given.name});
  }
  // The rows of a test are made up: masking them would only make them hard to compare.
  spec.masks.clear();
  return spec;
}

// The model and the models below it.
std::set<std::string> needed_models(const pipeline::Graph& graph, const std::string& model) {
  std::set<std::string> needed;
  for (auto reads = graph.models.rbegin(); reads != graph.models.rend(); ++reads) {
    if (!pipeline::same_name(reads->model, model) && !needed.contains(reads->model)) continue;
    needed.insert(reads->model);
    for (const auto& read : reads->reads)
      if (!read.source) needed.insert(read.name);
  }
  return needed;
}

// Whether the test gives all that its model needs, so that nothing is read from elsewhere.
Result<void> check_complete(const PipelineSpec& spec, const TestSpec& test, engine::Analyzer& analyzer) {
  MS_ASSIGN(const auto graph,
            pipeline::build_graph(spec, [&analyzer](const std::string& sql) { return analyzer.references(sql); }));
  for (const auto& name : graph.sources_below(test.model)) {
    const auto& source = *spec.find_source(name);
    if (source.from == kMemoryConnection) continue;
    MS_ASSIGN(const auto declared, plan::declared_schema(source, analyzer));
    return Error(ErrorCode::invalid_config, fmt::format("the model reads source '{}', which is not given", name))
        .at(test.given_position)
        .hint(fmt::format("give rows for '{}', or {} for none", name,
                          declared == nullptr ? "{columns: {name: type}}" : "[]"));
  }
  for (const auto& name : needed_models(graph, test.model))
    if (const auto* model = spec.find_transform(name); model->missing) return *model->missing;
  return {};
}

Result<std::shared_ptr<MemoryTables>> given_tables(const PipelineSpec& whole, const TestSpec& test,
                                                   engine::Analyzer& analyzer) {
  auto tables = std::make_shared<MemoryTables>();
  for (const auto& given : test.given) {
    std::shared_ptr<arrow::Schema> declared;
    if (const auto* source = whole.find_source(given.name)) {
      MS_ASSIGN(declared, plan::declared_schema(*source, analyzer));
    }
    MS_ASSIGN_DURING(auto rows, to_table(given, declared.get()), "reading the rows given for " + given.name);
    tables->put(given.name, std::move(rows));
  }
  return tables;
}

// Where a test first names a column of its expected rows.
FilePosition place_of(const TestTable& expect, const std::string& column) {
  for (const auto& declared : expect.columns)
    if (declared.name == column) return declared.position;
  for (const auto& row : expect.rows)
    if (row.find(column) != nullptr) return row.key_position(column);
  return {};
}

// The columns that the test names; all if it names none.
Result<std::shared_ptr<arrow::Table>> expected_columns(const std::shared_ptr<arrow::Table>& table,
                                                       const TestTable& expect) {
  const auto names = column_names(expect);
  if (names.empty()) return table;
  std::vector<int> indexes;
  for (const auto& name : names) {
    const int index = table->schema()->GetFieldIndex(name);
    if (index < 0)
      return Error(ErrorCode::invalid_config,
                   fmt::format("the test expects a column '{}' that the model has not", name))
          .at(place_of(expect, name))
          .hint(pipeline::suggestion(name, table->schema()->field_names()));
    indexes.push_back(index);
  }
  return from_arrow(table->SelectColumns(indexes));
}

// The expected rows in the types of the model, so that 20.5 and 20.50 are equal.
Result<std::vector<CellRow>> rows_in_types_of(const TestTable& expect, const arrow::Schema& model) {
  arrow::FieldVector fields;
  for (const auto& field : model.fields()) fields.push_back(field->WithType(value_type(field->type())));
  const auto types = arrow::schema(fields);
  // What the test itself says of the types must hold, too.
  MS_TRY_DURING(to_table(expect, types.get()), "reading the rows expected");
  auto untyped = expect;
  for (auto& column : untyped.columns) column.type.clear();
  MS_ASSIGN_DURING(const auto table, to_table(untyped, types.get()), "reading the rows expected");
  return cells_of(*table);
}

Result<void> compare(RunContext& context, const Services& services, const pipeline::Project& project,
                     const TestSpec& test, TestOutcome& outcome) {
  MS_ASSIGN(const auto* whole, project.pipeline(test.pipeline));
  MS_ASSIGN(const auto analyzer, services.engine.open_analyzer());
  const auto spec = with_given(*whole, test);
  MS_TRY(check_complete(spec, test, *analyzer));
  MS_ASSIGN(const auto given, given_tables(*whole, test, *analyzer));
  MS_ASSIGN(const auto computed,
            compute(context, services, project, spec, {.model = test.model, .limit = -1, .given = given}));
  MS_ASSIGN(const auto compared, expected_columns(computed, test.expect));
  outcome.columns = compared->schema()->field_names();
  MS_ASSIGN(auto actual_rows, cells_of(*compared));
  std::vector<CellRow> wanted_rows;
  if (!test.expect.rows.empty()) {
    MS_ASSIGN(wanted_rows, rows_in_types_of(test.expect, *compared->schema()));
  }
  std::ranges::sort(wanted_rows);
  std::ranges::sort(actual_rows);
  std::ranges::set_difference(wanted_rows, actual_rows, std::back_inserter(outcome.missing));
  std::ranges::set_difference(actual_rows, wanted_rows, std::back_inserter(outcome.surplus));
  return {};
}

}  // namespace

TestOutcome run_test(RunContext& context, const Services& services, const pipeline::Project& project,
                     const pipeline::TestSpec& test) {
  TestOutcome outcome{.name = test.name, .model = test.model};
  auto done = compare(context, services, project, test, outcome);
  if (!done) outcome.error = std::move(done).error().at(test.position);
  return outcome;
}

}  // namespace mainstem::app::inspect
