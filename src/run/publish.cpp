// The commit order of a run, and why a kill anywhere leaves the result of one clean run.
//
//  1. Every target is staged, counted by its system and compared with what was handed over. No reader sees anything
//  yet.
//     Killed here: the staging area is an orphan that the next run of the target removes; cursors have not moved.
//  2. Checks and the budget are judged over everything staged. Blocked here: as above.
//  3. The quarantined rows are staged beside the target, in the same publish unit.
//  4. The unit commits: target rows, quarantined rows and cursors become visible in one step of the target's own
//     (a transaction, or the rename of a manifest). Killed before it: as 1. Killed after it: everything is published
//     and the cursors say so, hence the next run starts behind these rows. There is nothing between.
//  5. The sources are told (acknowledge), so that a log may forget these changes. Killed before it: the next run starts
//     behind what the target holds, and tells the source of more.
//  6. The ledger on this machine is told that all is published, and at the end how the run went. Killed before it: the
//     ledger lags behind, and the next run, which asks the target for its cursors and not the ledger, is not misled; it
//     tells the ledger what it has found.
//
// With several connections there are several units, published one after the other in the order of the plan. Killed
// between them, the next run reads from the older cursor and the earlier unit gets rows again; that is why the planner
// admits only modes that can take rows twice (replace, merge, partition) when a run with cursors has several units.

#include <fmt/format.h>

#include "run/execution.h"

namespace mainstem::run {
namespace {

const plan::PublishGroup* last_group(const plan::Plan& plan) {
  const plan::PublishGroup* last = nullptr;
  for (const auto& stage : plan.stages)
    if (const auto* group = std::get_if<plan::PublishGroup>(&stage)) last = group;
  return last;
}

}  // namespace

Result<void> Execution::run(const plan::StageQuarantine& stage) {
  if (quarantine_ == nullptr || quarantine_->rows() == 0) return {};
  MS_ASSIGN(auto* unit, this->unit(stage.unit, stage.connection));
  const int64_t expected = quarantine_->rows();
  MS_ASSIGN(auto reader, quarantine_->finish());
  MS_ASSIGN_DURING(auto table, unit->stage(context_, stage.request), "staging the quarantine");
  MS_ASSIGN(auto lane, table->open_lane(context_));
  while (true) {
    MS_ASSIGN(auto batch, reader->next(context_));
    if (!batch) break;
    MS_TRY_DURING(lane->write(context_, *batch->rows), "writing the quarantine");
  }
  MS_TRY_DURING(lane->close(context_), "writing the quarantine");
  MS_ASSIGN(const auto receipt, table->finish(context_));
  if (receipt.rows != expected)
    return Error(ErrorCode::internal,
                 fmt::format("{} quarantined rows were handed over, the target holds {}", expected, receipt.rows));
  result_.quarantine = stage.request.name;
  context_.reached("quarantine.staged");
  return {};
}

Result<connector::StateRecords> Execution::state_of(const plan::PublishGroup& group) {
  connector::StateRecords records;
  for (const auto& cursor : group.cursors) {
    MS_ASSIGN(auto* frame, source(cursor.source));
    // A query may stop early (limit): then rows behind the stop were not read and the cursor must not pass them.
    if (!frame->complete()) continue;
    const auto position = frame->position();
    if (!position) continue;
    records.push_back({.pipeline = plan_.state_name,
                       .source = cursor.source,
                       .target = cursor.target,
                       .position = *position,
                       .run_id = run_id_,
                       .published_at = to_iso8601(context_.clock.now())});
  }
  return records;
}

Result<void> Execution::run(const plan::PublishGroup& stage) {
  MS_TRY(context_.cancellation.check());
  MS_ASSIGN(auto* unit, this->unit(stage.unit, stage.connection));
  MS_ASSIGN(const auto state, state_of(stage));
  context_.reached("publish.begin");
  MS_ASSIGN_DURING(const auto tables, unit->commit(context_, state), "publishing to " + stage.connection);
  published_ = true;
  const bool all = &stage == last_group(plan_);
  if (all && environment_.on_published) environment_.on_published();
  context_.reached("publish.end");
  for (const auto& table : tables) {
    for (auto& target : result_.targets) {
      if (target.table != table.name) continue;
      target.published = true;
      target.inserted = table.inserted;
      target.updated = table.updated;
      target.deleted = table.deleted;
      target.rows_after = table.rows_after;
    }
  }
  for (const auto& record : state) add_cursor_result(record);
  return {};
}

void Execution::add_cursor_result(const connector::StateRecord& record) {
  for (auto& known : result_.cursors) {
    if (known.source != record.source) continue;
    known.targets.push_back(record.target);
    return;
  }
  CursorResult cursor{.source = record.source,
                      .before = {},
                      .after = record.position.printable,
                      .position = record.position.bytes,
                      .targets = {record.target}};
  const auto& range = opened_.at(record.source).request.cursor;
  if (range && range->after) cursor.before = range->after->printable;
  result_.cursors.push_back(std::move(cursor));
}

}  // namespace mainstem::run
