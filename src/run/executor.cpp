#include "run/executor.h"

#include <chrono>
#include <fmt/format.h>
#include <sys/resource.h>

#include "run/execution.h"

namespace mainstem::run {
namespace {

Outcome outcome_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::cancelled: return Outcome::cancelled;
    case ErrorCode::check_failed: return Outcome::blocked;
    default: return Outcome::failed;
  }
}

// Says what stands already, where one of several connections failed.
Error with_published(Error error, const RunResult& result) {
  std::vector<std::string> published;
  for (const auto& target : result.targets)
    if (target.published) published.push_back(target.table);
  if (published.empty()) return error;
  auto hint = error.hint().empty() ? "" : error.hint() + "; ";
  return std::move(error).hint(
      fmt::format("{}published before this: {}; run again to publish the rest", hint, fmt::join(published, ", ")));
}

// What a run does during a stage, for whoever waits.
std::string phase(const plan::OpenSource& stage) { return "opening " + stage.name; }
std::string phase(const plan::Land& stage) { return "reading " + stage.source; }
std::string phase(const plan::Transform& stage) { return "computing " + stage.name; }
std::string phase(const plan::RunChecks& stage) { return "checking " + stage.model; }
std::string phase(const plan::StageTarget& stage) { return "writing " + stage.name; }
std::string phase(const plan::VerifyTarget& stage) { return "verifying " + stage.name; }
std::string phase(const plan::CheckBudget&) { return "judging the bad rows"; }
std::string phase(const plan::StageQuarantine&) { return "writing the quarantine"; }
std::string phase(const plan::PublishGroup& stage) {
  return fmt::format("publishing {}", fmt::join(stage.targets, ", "));
}
std::string phase(const plan::RecordRun&) { return "recording the run"; }

Result<void> run_stages(Execution& execution, const plan::Plan& plan, const Environment& environment,
                        RunResult& result) {
  for (const auto& stage : plan.stages) {
    // A run that has published all is no cancelled one.
    if (!std::holds_alternative<plan::RecordRun>(stage)) MS_TRY(environment.context.cancellation.check());
    environment.progress.set_phase(std::visit([](const auto& typed) { return phase(typed); }, stage));
    // Every source has been read by now; without news there is nothing to judge either.
    const bool all_staged = std::holds_alternative<plan::CheckBudget>(stage);
    if (all_staged && (execution.nothing_to_do() || execution.repeats_all())) {
      result.status = Outcome::nothing_to_do;
      result.checks.clear();
      result.targets.clear();
      execution.abort();
      return {};
    }
    MS_TRY(std::visit([&](const auto& typed) { return execution.run(typed); }, stage));
  }
  return {};
}

}  // namespace

int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

RunResult execute(const Environment& environment, const plan::Plan& plan, OpenReads reads, const std::string& run_id) {
  RunResult result{.run_id = run_id, .pipeline = plan.pipeline};
  result.started_at = to_iso8601(environment.context.clock.now());
  const auto start = std::chrono::steady_clock::now();
  Execution execution(environment, plan, std::move(reads), run_id, result);
  auto done = run_stages(execution, plan, environment, result);
  if (!done) {
    result.status = outcome_of(done.error());
    result.error = with_published(execution.presentable(std::move(done).error()), result);
    if (!execution.published()) result.quarantine.clear();
    execution.abort();
    execution.keep_quarantine();
  }
  result.rows_quarantined = execution.rows_quarantined();
  result.first_quarantined = execution.first_quarantined();
  result.warnings = execution.warnings();
  result.steps = execution.steps();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.peak_memory_bytes = peak_memory_bytes();
  return result;
}

}  // namespace mainstem::run
