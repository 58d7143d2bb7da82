#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <numeric>

#include "columnar/status.h"
#include "connector/testkit/rule_list.h"

namespace mainstem::connector::testkit {
namespace {

using columnar::from_arrow;
using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr int64_t kRows = 150;

Batch empty(const std::shared_ptr<arrow::Schema>& schema) { return arrow::RecordBatch::MakeEmpty(schema).ValueOrDie(); }

// In the order of the column `row`.
Result<Batch> in_order(const ReadResult& result) {
  if (result.batches.empty()) return empty(result.plan.schema);
  MS_ASSIGN(const auto all, from_arrow(arrow::ConcatenateRecordBatches(result.batches)));
  const auto column = all->GetColumnByName("row");
  if (column == nullptr || column->type_id() != arrow::Type::INT64)
    return broken("the column `row` does not come back");
  const auto& numbers = static_cast<const arrow::Int64Array&>(*column);
  std::vector<int64_t> order(static_cast<size_t>(all->num_rows()));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](int64_t at) { return numbers.Value(at); });
  arrow::RecordBatchVector rows;
  for (const auto at : order) rows.push_back(all->Slice(at, 1));
  return from_arrow(arrow::ConcatenateRecordBatches(rows));
}

Result<void> expect_column(const arrow::RecordBatch& found, const arrow::Field& field, const arrow::Array& wanted) {
  const auto column = found.GetColumnByName(field.name());
  if (column == nullptr) return broken("no column " + field.name());
  if (!column->type()->Equals(*field.type()))
    return broken(fmt::format("{} comes back as {}", field.type()->ToString(), column->type()->ToString()));
  const auto options = arrow::EqualOptions::Defaults().nans_equal(true);
  if (column->Equals(wanted, options)) return {};
  for (int64_t i = 0; i < std::min(column->length(), wanted.length()); ++i) {
    if (column->Slice(i, 1)->Equals(*wanted.Slice(i, 1), options)) continue;
    const auto text = [i](const arrow::Array& array) {
      return array.IsNull(i) ? std::string("null") : "'" + array.GetScalar(i).ValueOrDie()->ToString() + "'";
    };
    return broken(
        fmt::format("row {} of {}: {} comes back as {}", i, field.type()->ToString(), text(wanted), text(*column)));
  }
  return broken(fmt::format("{} rows come back of {}", column->length(), wanted.length()));
}

Result<void> round_trip(Trial& trial, const std::string& name, const Batch& table) {
  MS_TRY(trial.bench.fill(trial.context, name, table));
  auto request = trial.bench.source(name);
  request.name = name;
  if (trial.bench.types_are_declared()) request.declared = table->schema();
  MS_ASSIGN(const auto result, trial.read(request));
  if (!result.rejects.empty())
    return broken(fmt::format("a value that was written is rejected: {} ({})", result.rejects.front().reason,
                              result.rejects.front().raw));
  MS_ASSIGN(const auto found, in_order(result));
  for (int i = 0; i < table->num_columns(); ++i)
    MS_TRY(expect_column(*found, *table->schema()->field(i), *table->column(i)));
  return {};
}

Result<void> types_come_back(Trial& trial) {
  int number = 0;
  for (const auto& type : trial.bench.types()) {
    const auto schema = arrow::schema({arrow::field("row", arrow::int64()), arrow::field("value", type)});
    MS_ASSIGN(const auto table, random_table(schema, kRows, static_cast<uint64_t>(++number), trial.bench.limits()));
    MS_TRY_DURING(round_trip(trial, fmt::format("type_{}", number), table), "trying " + type->ToString());
  }
  return {};
}

// All types side by side, so that no column shifts another; the seed is in the message.
Result<void> random_tables_come_back(Trial& trial) {
  arrow::FieldVector fields = {arrow::field("row", arrow::int64())};
  for (const auto& type : trial.bench.types())
    fields.push_back(arrow::field(fmt::format("column {}", fields.size()), type));
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const auto rows = static_cast<int64_t>(seed * seed * 37);
    MS_ASSIGN(const auto table, random_table(arrow::schema(fields), rows + 20, 1'000 + seed, trial.bench.limits()));
    // A part of a larger batch, whose buffers begin elsewhere.
    MS_TRY_DURING(round_trip(trial, "mixed", table->Slice(7, rows)), fmt::format("trying seed {}", seed));
  }
  return {};
}

Result<void> columns_may_have_any_name(Trial& trial) {
  arrow::FieldVector fields = {arrow::field("row", arrow::int64())};
  for (const auto* name :
       {"select", "Group By", "we\"ird", "it's", "a,b", "ünïcode", "日本", "a.b", "1st", "%s", "\\x"})
    fields.push_back(arrow::field(name, arrow::utf8()));
  MS_ASSIGN(const auto table, random_table(arrow::schema(fields), 20, 5, trial.bench.limits()));
  return round_trip(trial, "names", table);
}

Result<void> a_table_of_no_rows_comes_back(Trial& trial) {
  MS_TRY(trial.bench.fill(trial.context, "empty", empty(rows_schema())));
  MS_ASSIGN(const auto result, trial.read(trial.reading("empty")));
  if (result.row_count() != 0) return broken("an empty table has rows");
  return expect_column(*empty(result.plan.schema), *rows_schema()->field(0), *empty(rows_schema())->column(0));
}

}  // namespace

void add_type_rules(RuleList& list) {
  list.add("types_come_back", types_come_back);
  list.add("random_tables_come_back", random_tables_come_back);
  list.add("columns_may_have_any_name", columns_may_have_any_name);
  list.add("a_table_of_no_rows_comes_back", a_table_of_no_rows_comes_back);
}

}  // namespace mainstem::connector::testkit
