#include "app/run_pipeline.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <thread>

#include "app/kept_quarantine.h"
#include "app/project.h"
#include "app/result_json.h"
#include "app/schema_history.h"
#include "run/executor.h"
#include "state/ledger.h"
#include "state/run_id.h"
#include "state/run_lock.h"

namespace mainstem::app {
namespace {

using run::RunResult;

// The lock and the ledger entry of a run, where the run has a project.
class Record {
 public:
  static Result<Record> begin(const Services& services, const pipeline::Project& project,
                              const pipeline::PipelineSpec& spec, const std::string& run_id,
                              const RunRequest& request) {
    Record record;
    if (!request.recorded) return record;
    MS_ASSIGN(auto lock, state::RunLock::acquire(project.directory, spec.name, run_id));
    record.lock_.emplace(std::move(lock));
    MS_ASSIGN(auto ledger, state::Ledger::open(project.directory));
    MS_TRY(ledger.begin_run({.run_id = run_id,
                             .pipeline = spec.name,
                             .environment = project.environment,
                             .started_at = to_iso8601(services.clock.now()),
                             .command = request.command,
                             .spec_hash = spec.fingerprint}));
    record.ledger_.emplace(std::move(ledger));
    return record;
  }

  state::Ledger* ledger() { return ledger_ ? &*ledger_ : nullptr; }

  // The targets hold the truth: a ledger that cannot be written is worth a warning, not a failed run.
  void end(const Services& services, const RunResult& result, RunObserver& observer) {
    if (!ledger_) return;
    int64_t read = 0;
    int64_t written = 0;
    for (const auto& step : result.steps)
      if (step.kind == "source") read += step.rows_read;
    for (const auto& target : result.targets)
      if (target.published) written += target.rows;
    const auto done =
        ledger_->finish_run({.run_id = result.run_id,
                             .status = std::string(to_string(result.status)),
                             .finished_at = to_iso8601(services.clock.now()),
                             .seconds = result.seconds,
                             .rows_read = read,
                             .rows_written = written,
                             .rows_quarantined = result.rows_quarantined,
                             .error_code = result.error ? std::string(to_string(result.error->code())) : "",
                             .error_message = result.error ? result.error->chain() : "",
                             .result_json = result_json(result)});
    if (!done) observer.warn("the ledger was not updated: " + done.error().to_string());
  }

 private:
  std::optional<state::RunLock> lock_;
  std::optional<state::Ledger> ledger_;
};

// An attempt as its observer sees it, however it ends.
class Watch {
 public:
  Watch(RunObserver& observer, const run::Progress& progress) : observer_(observer) {
    observer_.attempt_started(progress);
  }
  ~Watch() { observer_.attempt_ended(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  RunObserver& observer_;
};

class Runner {
 public:
  Runner(const Services& services, const pipeline::Project& project, const pipeline::PipelineSpec& spec,
         const RunRequest& request, RunObserver& observer)
      : services_(services), project_(project), spec_(spec), request_(request), observer_(observer) {}

  RunResult run() {
    run_id_ = state::new_run_id(services_.clock, state::system_random());
    start_ = std::chrono::steady_clock::now();
    started_at_ = to_iso8601(services_.clock.now());
    auto record = Record::begin(services_, project_, spec_, run_id_, request_);
    if (!record) return failed(std::move(record).error());
    auto result = run_with_retries(*record);
    // A target's file may write its last pages when it is closed.
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    result.peak_memory_bytes = run::peak_memory_bytes();
    record->end(services_, result, observer_);
    return result;
  }

 private:
  RunResult failed(Error error) const {
    RunResult result{.run_id = run_id_, .pipeline = spec_.name};
    result.started_at = started_at_;
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    result.status = error.code() == ErrorCode::cancelled ? run::Outcome::cancelled : run::Outcome::failed;
    result.error = std::move(error);
    return result;
  }

  RunResult run_with_retries(Record& record) {
    auto pause = project_.defaults.retry.pause;
    const int attempts = std::max(1, project_.defaults.retry.attempts);
    for (int attempt = 1;; ++attempt) {
      auto result = attempt_once(record.ledger());
      const bool again = result.error && result.error->retryable() && attempt < attempts;
      if (!again || services_.cancellation.requested()) return result;
      pause = std::max(pause, result.error->retry_after().value_or(pause));
      observer_.retrying(*result.error, pause, attempt + 1, attempts);
      wait(pause);
      pause *= 2;
    }
  }

  void wait(std::chrono::milliseconds pause) const {
    const auto end = std::chrono::steady_clock::now() + pause;
    while (std::chrono::steady_clock::now() < end && !services_.cancellation.requested())
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }

  RunResult attempt_once(state::Ledger* ledger) {
    auto resources = request_.resources;
    if (!resources.memory) resources.memory = project_.defaults.memory;
    if (!resources.threads) resources.threads = project_.defaults.threads;
    auto scratch =
        request_.recorded ? local_folder(project_) + "/scratch" : std::filesystem::temp_directory_path().string();
    auto context = RunContext::make(services_, resources, scratch);
    if (!context) return failed(std::move(context).error());
    run::Progress progress;
    const Watch watch(observer_, progress);
    auto options = request_.prepare;
    options.progress = &progress;
    options.stateless = !request_.recorded;
    auto prepared = prepare((*context)->context(), services_, project_, spec_, options);
    if (!prepared) return failed(std::move(prepared).error());
    for (const auto& warning : prepared->warnings) observer_.warn(warning);
    if (ledger != nullptr) {
      take_over(*ledger, *prepared);
      auto changes = SchemaHistory(*ledger, key()).compare(spec_, prepared->plan, request_.accept_schema_changes);
      if (!changes) return failed(std::move(changes).error());
      for (const auto& change : *changes) observer_.warn("the source has changed: " + change);
    }
    observer_.planned(run_id_, prepared->plan);
    return execute((*context)->context(), (*context)->engine_limits(), *prepared, progress, ledger);
  }

  RunResult execute(Context& context, const engine::SessionLimits& limits, Prepared& prepared, run::Progress& progress,
                    state::Ledger* ledger) {
    Secret read_key;
    if (ledger != nullptr) {
      auto key = ledger->key();
      if (!key) return failed(std::move(key).error());
      read_key = *std::move(key);
    }
    const KeptQuarantine kept(project_, spec_.name);
    const run::Environment environment{.context = context,
                                       .engine = services_.engine,
                                       .connections = *prepared.connections,
                                       .progress = progress,
                                       .limits = limits,
                                       .unpublished_quarantine = place_to_keep(kept),
                                       .unfinished = unfinished(ledger, prepared.full_reads),
                                       .read_key = std::move(read_key),
                                       .on_published = [&] {
                                         if (ledger != nullptr)
                                           warn_of(ledger->mark_published(run_id_, to_iso8601(services_.clock.now())));
                                       }};
    auto result = run::execute(environment, prepared.plan, std::move(prepared.reads), run_id_);
    for (const auto& warning : result.warnings) observer_.warn(warning);
    if (!result.error) kept.forget(run_id_);
    if (result.rows_quarantined > 0) kept.prune();
    result.started_at = started_at_;
    if (!result.error && ledger != nullptr) remember(*ledger, prepared.plan, result);
    return result;
  }

  // The targets know what a killed run has published, and what another machine or a lost ledger has told nobody here.
  void take_over(state::Ledger& ledger, const Prepared& prepared) {
    if (!prepared.cursors) return;
    std::vector<state::Cursor> cursors;
    for (const auto& record : *prepared.cursors)
      cursors.push_back({.source = record.source,
                         .target = record.target,
                         .position = record.position.bytes,
                         .printable = record.position.printable,
                         .run_id = record.run_id,
                         .published_at = record.published_at});
    warn_of(ledger.rebuild_cursors(key(), cursors));
    // Where a run was killed between the commits of two connections, its id stands in some records only.
    const bool one_step = std::ranges::count_if(prepared.plan.stages, [](const plan::Stage& stage) {
                            return std::holds_alternative<plan::PublishGroup>(stage);
                          }) == 1;
    auto records = *prepared.cursors;
    if (one_step) records.insert(records.end(), prepared.full_reads.begin(), prepared.full_reads.end());
    if (records.empty()) return;
    const auto last = std::ranges::max(records, {}, &connector::StateRecord::run_id);
    const auto of_last = [&](const auto& record) { return record.run_id == last.run_id; };
    if (one_step || std::ranges::all_of(records, of_last))
      warn_of(ledger.mark_published(last.run_id, last.published_at));
  }

  // Of a run that died before it could tell the ledger of its end, that failed between the publishes of two
  // connections, or of an attempt of this one that lost the answer to its commit.
  connector::StateRecords unfinished(state::Ledger* ledger, const connector::StateRecords& full_reads) {
    connector::StateRecords found;
    if (ledger == nullptr) return found;
    for (const auto& record : full_reads) {
      const auto in_doubt = ledger->is_unfinished(record.run_id, spec_.fingerprint);
      if (!in_doubt) warn_of(in_doubt.error());
      if (record.run_id == run_id_ || in_doubt.value_or(false)) found.push_back(record);
    }
    return found;
  }

  void warn_of(const Result<void>& update) {
    if (!update) observer_.warn("the ledger was not updated: " + update.error().to_string());
  }

  state::PipelineKey key() const { return {.pipeline = spec_.name, .environment = project_.environment}; }

  std::string place_to_keep(const KeptQuarantine& kept) {
    if (!request_.recorded) return {};
    auto place = kept.place_for(run_id_);
    if (place) return *std::move(place);
    observer_.warn(place.error().to_string());
    return {};
  }

  void remember(state::Ledger& ledger, const plan::Plan& plan, const RunResult& result) {
    const auto now = to_iso8601(services_.clock.now());
    auto done = SchemaHistory(ledger, key()).remember(spec_, plan, run_id_, now);
    std::vector<state::Cursor> cursors;
    for (const auto& cursor : result.cursors)
      if (cursor.after)
        for (const auto& target : cursor.targets)
          cursors.push_back({.source = cursor.source,
                             .target = target,
                             .position = cursor.position,
                             .printable = *cursor.after,
                             .run_id = run_id_,
                             .published_at = now});
    if (done) done = ledger.remember_cursors(key(), cursors);
    warn_of(done);
  }

  const Services& services_;
  const pipeline::Project& project_;
  const pipeline::PipelineSpec& spec_;
  const RunRequest& request_;
  RunObserver& observer_;
  std::string run_id_;
  std::string started_at_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace

RunResult run_pipeline(const Services& services, const pipeline::Project& project, const pipeline::PipelineSpec& spec,
                       const RunRequest& request, RunObserver& observer) {
  return Runner(services, project, spec, request, observer).run();
}

}  // namespace mainstem::app
