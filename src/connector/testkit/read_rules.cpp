#include <algorithm>
#include <arrow/api.h>
#include <chrono>
#include <fmt/format.h>
#include <thread>

#include "connector/testkit/rule_list.h"

namespace mainstem::connector::testkit {
namespace {

Result<void> fill(Trial& trial, const std::string& name, const Rows& rows) {
  return trial.bench.fill(trial.context, name, to_batch(rows));
}

std::string types_of(const arrow::Schema& schema) {
  std::string text;
  for (const auto& field : schema.fields()) text += field->name() + " " + field->type()->ToString() + ", ";
  return text;
}

Result<void> discovery_finds_what_was_written(Trial& trial) {
  const auto table_ref = trial.bench.discovered("found");
  const auto wanted = table_ref.to_string();
  const auto pattern = table_ref.schema.empty() ? table_ref.name : table_ref.schema + "." + table_ref.name;
  MS_ASSIGN(const auto before, trial.discovered());
  if (std::ranges::count(before, wanted) != 0) return broken("a table is discovered before it is there");
  MS_TRY(fill(trial, "found", make_rows(1, 5)));
  MS_ASSIGN(const auto after, trial.discovered());
  if (std::ranges::count(after, wanted) != 1) return broken("a table is not discovered once");
  if (after.size() != before.size() + 1) return broken("more is discovered than was made");
  MS_ASSIGN(const auto source, trial.source());
  MS_ASSIGN(const auto tables, source->discover(trial.context, pattern));
  if (tables.size() != 1) return broken("a table is not discovered by its name");
  MS_ASSIGN(const auto source_again, trial.source());
  auto request = trial.reading("found");
  request.declared = nullptr;
  request.columns.clear();
  MS_ASSIGN(const auto planned, source_again->plan_read(trial.context, request));
  const auto& table = tables.front();
  if (types_of(*table.schema) != types_of(*planned->plan().schema))
    return broken("discovery says " + types_of(*table.schema) + "a read says " + types_of(*planned->plan().schema));
  if (table.estimate.rows == 0) return broken("rows are estimated as none");
  MS_ASSIGN(const auto none, trial.discovered("nothing_is_called_this"));
  if (!none.empty()) return broken("a pattern finds what it does not match");
  return {};
}

Result<void> batches_have_the_planned_schema(Trial& trial) {
  MS_TRY(fill(trial, "t", make_rows(1, 300)));
  trial.context.batch_rows = 64;
  MS_ASSIGN(const auto result, trial.read(trial.reading("t")));
  for (const auto& batch : result.batches) {
    if (!batch->schema()->Equals(*result.plan.schema, /*check_metadata=*/false))
      return broken("planned " + types_of(*result.plan.schema) + "delivered " + types_of(*batch->schema()));
    if (batch->num_rows() > 64) return broken("a batch holds more rows than the context allows");
  }
  MS_ASSIGN(const auto rows, result.rows());
  return expect_rows(rows, make_rows(1, 300), "reading all");
}

Result<void> a_table_that_is_not_there_is_not_found(Trial& trial) {
  const auto result = trial.read(trial.reading("missing"));
  MS_TRY(expect_error(result, "reading what is not there"));
  if (result.error().code() != ErrorCode::not_found)
    return broken("what is not there has another code: " + result.error().to_string());
  return {};
}

Result<void> projection_gives_the_columns_asked_for(Trial& trial) {
  MS_TRY(fill(trial, "t", make_rows(1, 20)));
  auto request = trial.reading("t");
  request.columns = {"part", "id"};
  if (request.declared != nullptr) request.declared = arrow::schema({request.declared->field(0)});
  MS_ASSIGN(const auto result, trial.read(request));
  if (types_of(*result.plan.schema) != "part string, id int64, ")
    return broken("asked for part and id, got " + types_of(*result.plan.schema));
  for (const auto& batch : result.batches)
    if (batch->num_columns() != 2) return broken("a batch has other columns than its plan");
  if (result.row_count() != 20) return broken("a projection changes the number of rows");
  request.columns = {"id", "no_such_column"};
  return expect_error(trial.read(request), "a column that is not there");
}

Result<void> a_predicate_chooses_rows(Trial& trial) {
  MS_TRY(fill(trial, "t", make_rows(1, 20)));
  auto request = trial.reading("t");
  request.where = "id > 15";
  MS_ASSIGN(const auto result, trial.read(request));
  MS_ASSIGN(const auto rows, result.rows());
  MS_TRY(expect_rows(rows, make_rows(16, 5), "where id > 15"));
  request.columns = {"part"};
  MS_ASSIGN(const auto projected, trial.read(request));
  if (projected.row_count() != 5) return broken("a predicate over a column that is not asked for");
  return {};
}

Result<void> no_predicate_is_ignored(Trial& trial) {
  MS_TRY(fill(trial, "t", make_rows(1, 20)));
  auto request = trial.reading("t");
  request.where = "id > 15";
  return expect_error(trial.read(request), "a predicate that is not declared");
}

Result<void> parts_give_every_row_once(Trial& trial) {
  const auto wanted = make_rows(1, std::max<int64_t>(200, trial.bench.rows_for_parts()));
  MS_TRY(fill(trial, "t", wanted));
  trial.context.threads = 4;
  MS_ASSIGN(const auto source, trial.source());
  MS_ASSIGN(const auto planned, source->plan_read(trial.context, trial.reading("t")));
  const auto& parts = planned->plan().partitions;
  if (trial.bench.rows_for_parts() > 0 && parts.size() < 2) return broken("a large table is read in one part");
  std::vector<std::string> ids;
  for (const auto& part : parts) ids.push_back(part.id);
  std::ranges::sort(ids);
  if (std::ranges::adjacent_find(ids) != ids.end()) return broken("two parts have one id");
  // All at once, as a run reads them.
  std::vector<Result<Rows>> found(parts.size(), Rows());
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < parts.size(); ++i)
    threads.emplace_back([&, i] {
      const auto read_part = [&]() -> Result<Rows> {
        ReadResult result;
        MS_ASSIGN(const auto reader, planned->open(trial.context, parts[i]));
        while (true) {
          MS_ASSIGN(auto batch, reader->next(trial.context));
          if (!batch) return result.rows();
          if (batch->rows != nullptr) result.batches.push_back(batch->rows);
        }
      };
      found[i] = read_part();
    });
  threads.clear();
  Rows all;
  for (auto& rows : found) {
    if (!rows) return std::move(rows).error();
    all.insert(all.end(), rows->begin(), rows->end());
  }
  std::ranges::sort(all);
  return expect_rows(all, wanted, "reading in parts");
}

// A killed load opens what it has written down of its plan in another process.
Result<void> parts_open_again_in_a_later_read(Trial& trial) {
  const auto wanted = make_rows(1, std::max<int64_t>(200, trial.bench.rows_for_parts()));
  MS_TRY(fill(trial, "t", wanted));
  trial.context.threads = 4;
  std::vector<Partition> written_down;
  {
    MS_ASSIGN(const auto source, trial.source());
    MS_ASSIGN(const auto planned, source->plan_read(trial.context, trial.reading("t")));
    written_down = planned->plan().partitions;
  }
  MS_ASSIGN(const auto source, trial.source());
  MS_ASSIGN(const auto planned, source->plan_read(trial.context, trial.reading("t")));
  ReadResult result;
  for (const auto& part : written_down) {
    MS_ASSIGN(const auto reader, planned->open(trial.context, {.id = part.id, .bytes = part.bytes, .estimate = {}}));
    while (true) {
      MS_ASSIGN(auto batch, reader->next(trial.context));
      if (!batch) break;
      if (batch->rows != nullptr) result.batches.push_back(batch->rows);
    }
  }
  MS_ASSIGN(const auto rows, result.rows());
  return expect_rows(rows, wanted, "opening parts again");
}

Result<void> a_read_sees_one_state(Trial& trial) {
  const auto before = make_rows(1, std::max<int64_t>(50, trial.bench.rows_for_parts()));
  MS_TRY(fill(trial, "t", before));
  trial.context.threads = 4;
  MS_ASSIGN(const auto source, trial.source());
  MS_ASSIGN(const auto planned, source->plan_read(trial.context, trial.reading("t")));
  MS_TRY(trial.write(trial.writing("t", WriteMode::append), make_rows(1'000'001, 10)));
  MS_ASSIGN(const auto result, read_all(trial.context, *planned));
  MS_ASSIGN(const auto rows, result.rows());
  MS_TRY(expect_rows(rows, before, "reading the state of the plan"));
  MS_ASSIGN(const auto now, trial.rows("t"));
  if (now.size() != before.size() + 10) return broken("a new read does not see what was written");
  return {};
}

Result<void> cancelling_ends_a_read(Trial& trial) {
  MS_TRY(fill(trial, "t", make_rows(1, 5'000)));
  trial.context.batch_rows = 1;
  MS_ASSIGN(const auto source, trial.source());
  MS_ASSIGN(const auto planned, source->plan_read(trial.context, trial.reading("t")));
  MS_ASSIGN(const auto reader, planned->open(trial.context, planned->plan().partitions.front()));
  MS_ASSIGN(const auto first, reader->next(trial.context));
  if (!first) return broken("a part of many rows gives none");
  trial.test.cancellation.request();
  const auto start = std::chrono::steady_clock::now();
  constexpr int kBatchesAllowed = 100;
  for (int i = 0; i < kBatchesAllowed; ++i) {
    const auto batch = reader->next(trial.context);
    if (batch && *batch) continue;
    MS_TRY(expect_error(batch, "a read that was cancelled"));
    if (batch.error().code() != ErrorCode::cancelled)
      return broken("a read that was cancelled says " + batch.error().to_string());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (took.count() > 2) return broken(fmt::format("cancelling took {} s", took.count()));
    return {};
  }
  return broken("a read goes on after it was cancelled");
}

}  // namespace

void add_read_rules(RuleList& list) {
  const auto& can = list.capabilities;
  if (can.discover) list.add("discovery_finds_what_was_written", discovery_finds_what_was_written);
  list.add("batches_have_the_planned_schema", batches_have_the_planned_schema);
  list.add("a_table_that_is_not_there_is_not_found", a_table_that_is_not_there_is_not_found);
  if (can.projection) list.add("projection_gives_the_columns_asked_for", projection_gives_the_columns_asked_for);
  if (can.predicate) list.add("a_predicate_chooses_rows", a_predicate_chooses_rows);
  if (!can.predicate) list.add("no_predicate_is_ignored", no_predicate_is_ignored);
  list.add("parts_give_every_row_once", parts_give_every_row_once);
  list.add("parts_open_again_in_a_later_read", parts_open_again_in_a_later_read);
  if (can.consistent_snapshot && can.delivery(WriteMode::append))
    list.add("a_read_sees_one_state", a_read_sees_one_state);
  list.add("cancelling_ends_a_read", cancelling_ends_a_read);
}

}  // namespace mainstem::connector::testkit
