#include "app/inspect/test_models.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <fmt/format.h>

#include "app/inspect/compute.h"
#include "app/inspect/look.h"
#include "app/inspect/test_rows.h"
#include "columnar/status.h"

namespace mainstem::app::inspect {
namespace {

using columnar::from_arrow;
using Rows = std::vector<std::vector<std::string>>;

// The pipeline with the given tables in memory in place of the sources and models of their names.
pipeline::PipelineSpec with_given(const pipeline::PipelineSpec& whole, const pipeline::TestSpec& test) {
  auto spec = whole;
  for (const auto& given : test.given) {
    std::erase_if(spec.sources, [&](const auto& source) { return pipeline::same_name(source.name, given.name); });
    std::erase_if(spec.transforms, [&](const auto& model) { return pipeline::same_name(model.name, given.name); });
    spec.sources.push_back({.name = given.name, .from = kMemoryType, .table = given.name});
  }
  // The rows of a test are made up: masking them would only make them hard to compare.
  spec.masks.clear();
  return spec;
}

// Both tables as rows of texts in the types of the model, so that 20.5 and 20.50 are equal.
Result<Rows> rows_in_types_of(const arrow::Table& table, const arrow::Table& model) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  for (int i = 0; i < table.num_columns(); ++i) {
    const auto& name = table.field(i)->name();
    const auto wanted = model.schema()->GetFieldByName(name);
    MS_ASSIGN(const auto cast, from_arrow(arrow::compute::Cast(table.column(i), wanted->type()),
                                          fmt::format("comparing column {}", name)));
    fields.push_back(wanted);
    columns.push_back(cast.chunked_array());
  }
  return cells_of(*arrow::Table::Make(arrow::schema(fields), columns, table.num_rows()));
}

Result<std::shared_ptr<arrow::Table>> only_columns(const arrow::Table& table, const std::vector<std::string>& names) {
  std::vector<int> indexes;
  for (const auto& name : names) {
    const int index = table.schema()->GetFieldIndex(name);
    if (index < 0)
      return Error(ErrorCode::invalid_config,
                   fmt::format("the test expects a column '{}' that the model has not", name))
          .hint(fmt::format("its columns: {}", fmt::join(table.schema()->field_names(), ", ")));
    indexes.push_back(index);
  }
  return from_arrow(table.SelectColumns(indexes));
}

Result<void> compare(RunContext& context, const Services& services, const pipeline::Project& project,
                     const pipeline::TestSpec& test, TestOutcome& outcome) {
  MS_ASSIGN(const auto* whole, project.pipeline(test.pipeline));
  auto given = std::make_shared<MemoryTables>();
  for (const auto& table : test.given) {
    MS_ASSIGN_DURING(auto rows, to_table(table), "reading the rows given for " + table.name);
    given->put(table.name, std::move(rows));
  }
  MS_ASSIGN_DURING(const auto expected, to_table(test.expect), "reading the rows expected");
  MS_ASSIGN(const auto computed, compute(context, services, project, with_given(*whole, test),
                                         {.model = test.model, .limit = -1, .given = given}));
  outcome.columns = expected->schema()->field_names();
  if (outcome.columns.empty()) outcome.columns = computed->schema()->field_names();
  MS_ASSIGN(const auto actual, only_columns(*computed, outcome.columns));
  MS_ASSIGN(auto wanted_rows, rows_in_types_of(*expected, *computed));
  auto actual_rows = cells_of(*actual);
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
