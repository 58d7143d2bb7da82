#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <thread>

#include "config/convert.h"
#include "connector/testkit/rule_list.h"

namespace mainstem::connector::testkit {
namespace {

std::string name_of(WriteMode mode) { return config::Conversion<WriteMode>::write(mode); }

/// Rows that change, add and (with mode partition) take away, over what `make_rows(1, 9)` made.
Rows second_rows() {
  auto rows = make_rows(7, 6);
  for (auto& row : rows) row.name = "second";
  std::erase_if(rows, [](const Row& row) { return row.part == "c"; });
  return rows;
}

Result<void> expect_counts(const PublishedTable& table, WriteMode mode, const Rows& before, const Rows& given) {
  const auto after = static_cast<int64_t>(expected_after(mode, before, given).size());
  const auto old = static_cast<int64_t>(before.size());
  const auto rows = static_cast<int64_t>(given.size());
  if (table.rows_after != -1 && table.rows_after != after)
    return broken(fmt::format("rows_after is {} instead of {}", table.rows_after, after));
  if (table.inserted + table.updated != rows)
    return broken(fmt::format("{} rows were inserted and {} updated of {}", table.inserted, table.updated, rows));
  const bool not_counted = mode == WriteMode::replace && table.deleted == 0;
  if (!not_counted && old + table.inserted - table.deleted != after)
    return broken(
        fmt::format("{} rows, {} inserted and {} deleted do not make {}", old, table.inserted, table.deleted, after));
  return {};
}

Result<void> changes_the_table(Trial& trial, WriteMode mode) {
  const auto request = trial.writing("t", mode);
  const Rows first = make_rows(1, 9);
  MS_ASSIGN(const auto made, trial.write(request, first));
  MS_TRY(expect_counts(made, mode, {}, first));
  MS_ASSIGN(const auto before, trial.rows("t"));
  MS_TRY(expect_rows(before, first, "the first write"));
  const Rows second = second_rows();
  MS_ASSIGN(const auto changed, trial.write(request, second, "2"));
  MS_TRY(expect_counts(changed, mode, first, second));
  MS_ASSIGN(const auto after, trial.rows("t"));
  MS_TRY(expect_rows(after, expected_after(mode, first, second), "the second write"));
  MS_ASSIGN(const auto unchanged, trial.write(request, {}, "3"));
  MS_TRY(expect_counts(unchanged, mode, after, {}));
  MS_ASSIGN(const auto last, trial.rows("t"));
  return expect_rows(last, expected_after(mode, after, {}), "a write of no rows");
}

Result<void> is_visible_only_after_commit(Trial& trial, WriteMode mode) {
  const auto request = trial.writing("t", mode);
  const Rows first = make_rows(1, 9);
  const Rows second = second_rows();
  MS_TRY(trial.write(request, first));
  MS_ASSIGN(const auto tables, trial.discovered());
  {
    MS_ASSIGN(const auto sink, trial.sink());
    MS_ASSIGN(const auto unit, sink->begin(trial.context, "run-2"));
    MS_ASSIGN(const auto table, trial.stage(*unit, request, to_batch(second)));
    MS_ASSIGN(const auto staged, trial.rows("t"));
    MS_TRY(expect_rows(staged, first, "staged, not committed"));
    MS_ASSIGN(const auto tables_now, trial.discovered());
    if (tables_now != tables) return broken("what is staged is discovered");
    MS_TRY(unit->commit(trial.context, {state_of(request, "2", "run-2")}));
  }
  MS_ASSIGN(const auto committed, trial.rows("t"));
  return expect_rows(committed, expected_after(mode, first, second), "committed");
}

enum class End { abort, destroy, unfinished };

Result<void> give_up(Trial& trial, const WriteRequest& request, End end) {
  MS_ASSIGN(const auto sink, trial.sink());
  MS_ASSIGN(const auto unit, sink->begin(trial.context, "run-2"));
  MS_ASSIGN(const auto table, unit->stage(trial.context, request));
  MS_ASSIGN(const auto lane, table->open_lane(trial.context));
  MS_TRY(lane->write(trial.context, *to_batch(second_rows())));
  if (end == End::unfinished) return {};
  MS_TRY(lane->close(trial.context));
  MS_TRY(table->finish(trial.context));
  if (end == End::abort) unit->abort();
  return {};
}

Result<void> giving_up_leaves_nothing(Trial& trial, WriteMode mode) {
  const auto request = trial.writing("t", mode);
  const Rows first = make_rows(1, 9);
  MS_TRY(trial.write(request, first));
  MS_ASSIGN(const auto tables, trial.discovered());
  for (const auto end : {End::abort, End::destroy, End::unfinished}) {
    for (const auto* name : {"t", "fresh"}) MS_TRY(give_up(trial, trial.writing(name, mode), end));
    MS_ASSIGN(const auto rows, trial.rows("t"));
    MS_TRY(expect_rows(rows, first, "aborted"));
    MS_ASSIGN(const auto tables_now, trial.discovered());
    if (tables_now != tables) return broken("an aborted write leaves a table");
    MS_ASSIGN(const auto position, trial.published_position(request));
    if (position != "1") return broken("an aborted write moves the position to " + position);
    MS_ASSIGN(const auto sink, trial.sink());
    MS_ASSIGN(const auto orphans, sink->find_orphans(trial.context));
    if (!orphans.empty()) return broken("an aborted write leaves an orphan: " + orphans.front().name);
  }
  return {};
}

Result<void> commits_state_with_rows(Trial& trial, WriteMode mode) {
  const auto request = trial.writing("t", mode);
  MS_ASSIGN(const auto none, trial.published_position(request));
  if (!none.empty()) return broken("a target has state before anything was published");
  for (const auto* position : {"1", "2"}) {
    MS_TRY(trial.write(request, make_rows(1, 3), position));
    MS_ASSIGN(const auto published, trial.published_position(request));
    if (published != position) return broken("position " + std::string(position) + " is read back as " + published);
  }
  MS_ASSIGN(const auto sink, trial.sink());
  MS_ASSIGN(const auto others, sink->published_state(trial.context, "another pipeline", {request}));
  if (!others.empty()) return broken("a pipeline is given another's state");
  MS_ASSIGN(const auto elsewhere, trial.published_position(trial.writing("another", mode)));
  if (!elsewhere.empty()) return broken("a target is given another's state");
  return {};
}

Result<void> expect_read_back(Trial& trial, StagedTable& table, int64_t rows) {
  MS_ASSIGN(const auto staged, table.read_back(trial.context));
  if (staged == nullptr) return {};
  int64_t rows_back = 0;
  while (true) {
    MS_ASSIGN(const auto batch, staged->next(trial.context));
    if (!batch) break;
    rows_back += batch->rows->num_rows();
  }
  if (rows_back != rows) return broken(fmt::format("{} staged rows are read back of {}", rows_back, rows));
  return {};
}

Result<void> every_lane_is_counted_once(Trial& trial, WriteMode mode) {
  trial.context.threads = 4;
  const auto request = trial.writing("t", mode);
  MS_ASSIGN(const auto sink, trial.sink());
  MS_ASSIGN(const auto unit, sink->begin(trial.context, "run-1"));
  MS_ASSIGN(const auto table, unit->stage(trial.context, request));
  const int lanes = table->max_lanes();
  if (lanes < 1) return broken("a table without lanes");
  std::vector<std::unique_ptr<Lane>> open;
  for (int i = 0; i < lanes; ++i) {
    MS_ASSIGN(auto lane, table->open_lane(trial.context));
    open.push_back(std::move(lane));
  }
  MS_TRY(expect_error(table->open_lane(trial.context), "a lane more than there are"));
  std::vector<Result<void>> done(open.size());
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < open.size(); ++i)
    threads.emplace_back([&, i] {
      const auto fill_lane = [&]() -> Result<void> {
        for (int64_t batch = 0; batch < 5; ++batch)
          MS_TRY(open[i]->write(trial.context, *to_batch(make_rows(static_cast<int64_t>(i) * 500 + batch * 100, 100))));
        return open[i]->close(trial.context);
      };
      done[i] = fill_lane();
    });
  threads.clear();
  for (const auto& one : done)
    if (!one) return one.error();
  MS_ASSIGN(const auto receipt, table->finish(trial.context));
  if (receipt.rows != int64_t{500} * lanes) return broken(fmt::format("the receipt is for {} rows", receipt.rows));
  MS_TRY(expect_read_back(trial, *table, receipt.rows));
  MS_TRY(unit->commit(trial.context, {}));
  if (!trial.spec.capabilities.read) return {};
  MS_ASSIGN(const auto rows, trial.rows("t"));
  return expect_rows(rows, make_rows(0, int64_t{500} * lanes), "written by all lanes");
}

Result<void> an_open_lane_is_not_accepted(Trial& trial, WriteMode mode) {
  const auto request = trial.writing("t", mode);
  MS_ASSIGN(const auto sink, trial.sink());
  MS_ASSIGN(const auto unit, sink->begin(trial.context, "run-1"));
  MS_ASSIGN(const auto table, unit->stage(trial.context, request));
  {
    MS_ASSIGN(const auto lane, table->open_lane(trial.context));
    MS_TRY(lane->write(trial.context, *to_batch(make_rows(1, 9))));
  }
  const auto receipt = table->finish(trial.context);
  if (receipt && receipt->rows != 0) return broken("rows of a lane that was not closed are accepted");
  return {};
}

Result<void> cancelling_ends_a_write(Trial& trial, WriteMode mode) {
  const auto request = trial.writing("t", mode);
  MS_ASSIGN(const auto sink, trial.sink());
  MS_ASSIGN(const auto unit, sink->begin(trial.context, "run-1"));
  MS_ASSIGN(const auto table, trial.stage(*unit, request, to_batch(make_rows(1, 9))));
  trial.test.cancellation.request();
  const auto committed = unit->commit(trial.context, {});
  MS_TRY(expect_error(committed, "a commit that was cancelled before it began"));
  if (committed.error().code() != ErrorCode::cancelled)
    return broken("a commit that was cancelled says " + committed.error().to_string());
  return {};
}

Result<void> tables_become_visible_together(Trial& trial, WriteMode mode) {
  const std::vector<WriteRequest> requests = {trial.writing("one", mode), trial.writing("two", mode)};
  MS_TRY(trial.write(requests, make_rows(1, 9), "1"));
  for (const auto& request : requests) {
    MS_ASSIGN(const auto rows, trial.rows(request.name));
    MS_TRY(expect_rows(rows, make_rows(1, 9), "published in a group"));
    MS_ASSIGN(const auto position, trial.published_position(request));
    if (position != "1") return broken("a table of a group has no state");
  }
  return {};
}

Result<void> is_refused(Trial& trial, WriteMode mode) {
  MS_ASSIGN(const auto sink, trial.sink());
  return expect_error(sink->check(trial.context, trial.writing("t", mode)), "a write mode that is not declared");
}

}  // namespace

void add_write_rules(RuleList& list) {
  for (const auto mode : {WriteMode::append, WriteMode::replace, WriteMode::merge, WriteMode::partition}) {
    const auto add = [&](const std::string& name, Result<void> (*check)(Trial&, WriteMode)) {
      list.add(name_of(mode) + "_" + name, [check, mode](Trial& trial) { return check(trial, mode); });
    };
    const auto delivery = list.capabilities.delivery(mode);
    if (!delivery && !list.declared.delivery(mode)) add("is_refused", is_refused);
    if (!delivery) continue;
    add("every_lane_is_counted_once", every_lane_is_counted_once);
    add("cancelling_ends_a_write", cancelling_ends_a_write);
    if (*delivery <= Delivery::atomic_swap) add("an_open_lane_is_not_accepted", an_open_lane_is_not_accepted);
    if (!list.capabilities.read) continue;
    add("changes_the_table", changes_the_table);
    add("commits_state_with_rows", commits_state_with_rows);
    if (list.capabilities.group_publish) add("tables_become_visible_together", tables_become_visible_together);
    if (*delivery > Delivery::atomic_swap || !list.capabilities.discover) continue;
    add("is_visible_only_after_commit", is_visible_only_after_commit);
    add("giving_up_leaves_nothing", giving_up_leaves_nothing);
  }
}

}  // namespace mainstem::connector::testkit
