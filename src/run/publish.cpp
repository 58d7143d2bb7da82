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
// Rows that are appended from a source read in full have no cursor to start behind. The unit that holds such a target
// keeps in its place what was read, as content hashes. A run that finds that its predecessor, of the same texts, has
// published but has not ended well (it was killed, or the next unit failed), and that reads the same again, stands in
// for that run's end and leaves the unit as it is. If anything differs, it is a run of its own, and adds its rows. An
// attempt that finds that an earlier one of its own run has published leaves the unit as it is, whatever it reads.
//
// With several connections there are several units, published one after the other in the order of the plan. Killed
// between them, the next run reads from the older cursor and the earlier unit gets rows again; that is why the planner
// admits only modes that can take rows twice (replace, merge, partition) when a run with cursors has several units.

#include <algorithm>
#include <fmt/format.h>

#include "plan/names.h"
#include "run/execution.h"
#include "security/digest.h"

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
  Repeat repeat;
  for (const auto& other : plan_.stages)
    if (const auto* group = std::get_if<plan::PublishGroup>(&other); group != nullptr && group->unit == stage.unit)
      repeat = repeated_run(*group);
  quarantine_repeated_ = !repeat.run_id.empty() && repeat.run_id != run_id_;
  if (rows_quarantined() == 0) return {};
  if (repeat.run_id == run_id_) {
    result_.quarantine = stage.request.name;
    if (repeat.same_input) return {};
    // The rows of the unit stand there already, and these, read since, go there by themselves.
    auto& given_up = given_up_[stage.unit] = std::move(units_.at(stage.unit));
    given_up->abort();
  }
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

connector::StateRecord Execution::record(std::string source, std::string target, columnar::Position position) const {
  return {.pipeline = plan_.state_name,
          .source = std::move(source),
          .target = std::move(target),
          .position = std::move(position),
          .run_id = run_id_,
          .published_at = to_iso8601(context_.clock.now())};
}

Result<connector::StateRecords> Execution::cursors_of(const plan::PublishGroup& group) {
  connector::StateRecords records;
  for (const auto& cursor : group.cursors) {
    MS_ASSIGN(auto* frame, source(cursor.source));
    // A query may stop early (limit): then rows behind the stop were not read and the cursor must not pass them.
    if (!frame->complete()) continue;
    const auto position = frame->position();
    if (position) records.push_back(record(cursor.source, cursor.target, *position));
  }
  return records;
}

connector::StateRecords Execution::full_reads_of(const plan::PublishGroup& group) const {
  connector::StateRecords records;
  if (group.full_reads.empty()) return records;
  std::string entries;
  for (const auto& name : inputs_of(group)) entries += input_entry(name);
  const columnar::Position inputs{.bytes = std::move(entries),
                                  .printable = fmt::format("{} sources", group.full_reads.size())};
  for (const auto& target : group.targets) records.push_back(record(std::string(plan::kFullReads), target, inputs));
  return records;
}

// All sources of the run, also those that only checks read, or "" if there are none.
std::vector<std::string> Execution::inputs_of(const plan::PublishGroup& group) const {
  auto names = group.full_reads;
  for (const auto& [name, frame] : sources_)
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

// Two runs that get the same of all sources do the same. The names count, which the hash of the rows leaves out, and
// the records that became no rows. A query may leave a source in the middle (limit, exists): then what it was given
// counts, and if that differs, the run is one of its own, since rows twice are better than rows lost.
std::string Execution::input_entry(const std::string& name) const {
  std::string input = "no source";
  if (const auto source = sources_.find(name); source != sources_.end()) {
    const auto& frame = *source->second;
    input = fmt::format("{} rows\n{}\n{} rejects\n{}\n{}", frame.hash().rows(), frame.hash().to_string(),
                        frame.rejects_hash().rows(), frame.rejects_hash().to_string(), frame.plan().schema->ToString());
  }
  return fmt::format("\n{}={}", name, security::hmac_sha256(environment_.read_key, input));
}

// Rows that a lookback reads again are no news; one that came late behind the cursor waits for the next run.
bool Execution::stands_still(const std::string& name) const {
  const auto source = opened_.find(name);
  if (source == opened_.end()) return false;
  const auto& cursor = source->second.request.cursor;
  if (!cursor || !cursor->after) return false;
  const auto position = sources_.at(name)->position();
  return !position || position->bytes == cursor->after->bytes;
}

Execution::Repeat Execution::repeated_run(const plan::PublishGroup& group) const {
  Repeat repeat;
  if (group.full_reads.empty() || environment_.unfinished.empty()) return repeat;
  const auto names = inputs_of(group);
  const auto is_same = [&](const connector::StateRecord& before) {
    return std::ranges::all_of(names, [&](const std::string& name) {
      return before.position.bytes.find(input_entry(name)) != std::string::npos || stands_still(name);
    });
  };
  for (const auto& target : group.targets) {
    const auto before = std::ranges::find(environment_.unfinished, target, &connector::StateRecord::target);
    if (before == environment_.unfinished.end()) return {};
    const bool same = is_same(*before);
    if (!same && before->run_id != run_id_) return {};
    if (!repeat.run_id.empty() && before->run_id != repeat.run_id) return {};
    repeat = {.run_id = before->run_id, .same_input = same && (repeat.run_id.empty() || repeat.same_input)};
  }
  return repeat;
}

bool Execution::repeats_all() {
  std::string run_id;
  for (const auto& stage : plan_.stages) {
    const auto* group = std::get_if<plan::PublishGroup>(&stage);
    if (group == nullptr) continue;
    run_id = repeated_run(*group).run_id;
    if (run_id.empty() || run_id == run_id_) return false;
  }
  if (run_id.empty()) return false;
  result_.repeats = run_id;
  quarantine_repeated_ = true;
  return true;
}

Result<void> Execution::run(const plan::PublishGroup& stage) {
  MS_TRY(context_.cancellation.check());
  MS_ASSIGN(auto* unit, this->unit(stage.unit, stage.connection));
  MS_ASSIGN(const auto cursors, cursors_of(stage));
  auto state = full_reads_of(stage);
  state.insert(state.end(), cursors.begin(), cursors.end());
  context_.reached("publish.begin");
  std::vector<connector::PublishedTable> tables;
  const auto repeat = repeated_run(stage);
  if (repeat.run_id.empty()) {
    MS_ASSIGN_DURING(tables, unit->commit(context_, state), "publishing to " + stage.connection);
  } else if (repeat.run_id != run_id_) {
    result_.repeats = repeat.run_id;
    unit->abort();
  } else {
    if (given_up_.contains(stage.unit)) {
      MS_TRY_DURING(unit->commit(context_, {}), "publishing to " + stage.connection);
    } else {
      unit->abort();
    }
    for (auto& target : result_.targets)
      target.published = target.published || std::ranges::find(stage.targets, target.table) != stage.targets.end();
  }
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
  // What an earlier attempt has published ends where that one had read to.
  if (repeat.run_id != run_id_ || repeat.same_input)
    for (const auto& record : cursors) add_cursor_result(record);
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
