#include "run/execution.h"

#include <algorithm>
#include <arrow/api.h>
#include <chrono>
#include <fmt/format.h>

#include "base/check.h"
#include "base/units.h"
#include "check/compile.h"
#include "connector/table.h"
#include "plan/names.h"
#include "run/direct_copy.h"
#include "run/model_sql.h"

namespace mainstem::run {
namespace {

using connector::quote_identifier;
using plan::inner_name;

// Measures a step and marks it done, however its function ends.
class StepTimer {
 public:
  explicit StepTimer(StepCounters& counters) : counters_(counters), start_(std::chrono::steady_clock::now()) {}
  ~StepTimer() {
    counters_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    counters_.done = true;
  }
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;

 private:
  StepCounters& counters_;
  std::chrono::steady_clock::time_point start_;
};

// Lets a query's rows pass through the checks only; what is left of them is not needed.
class JudgingLane final : public engine::OutputLane {
 public:
  explicit JudgingLane(RowChecks& checks) : checks_(checks) {}
  Result<void> write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    MS_TRY(checks_.apply(batch));
    return {};
  }
  Result<void> close() override { return {}; }

 private:
  RowChecks& checks_;
};

Result<int64_t> single_number(const arrow::Table& table) {
  const bool one_number = table.num_rows() == 1 && table.num_columns() == 1 &&
                          table.column(0)->type()->id() == arrow::Type::INT64 && table.column(0)->null_count() == 0;
  if (!one_number) return Error(ErrorCode::internal, "a check's query did not give one number");
  const auto scalar = table.column(0)->GetScalar(0);
  if (!scalar.ok()) return Error(ErrorCode::internal, scalar.status().message());
  return static_cast<const arrow::Int64Scalar&>(**scalar).value;
}

std::string column_list(const std::vector<std::string>& columns) {
  std::vector<std::string> quoted;
  for (const auto& column : columns) quoted.push_back(quote_identifier(column));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

}  // namespace

Execution::Execution(const Environment& environment, const plan::Plan& plan, OpenReads reads, const std::string& run_id,
                     RunResult& result)
    : environment_(environment),
      context_(environment.context),
      plan_(plan),
      reads_(std::move(reads)),
      run_id_(run_id),
      result_(result) {}

Result<engine::Session*> Execution::session() {
  if (session_ == nullptr) {
    MS_ASSIGN(session_, environment_.engine.open(context_, environment_.limits));
  }
  return session_.get();
}

Result<connector::PublishUnit*> Execution::unit(int number, const std::string& connection) {
  auto& unit = units_[number];
  if (unit == nullptr) {
    MS_ASSIGN(auto* sink, environment_.connections.sink(connection));
    // Several units of one connection are open at once, and what they stage must not meet.
    const int before = units_of_[connection]++;
    const auto id = before == 0 ? run_id_ : fmt::format("{}-{}", run_id_, before);
    MS_ASSIGN_DURING(unit, sink->begin(context_, id), "opening target connection " + connection);
  }
  return unit.get();
}

Result<SourceFrame*> Execution::source(const std::string& name) {
  const auto it = sources_.find(name);
  if (it == sources_.end()) return Error(ErrorCode::internal, fmt::format("source '{}' is not open", name));
  return it->second.get();
}

Pace& Execution::pace(const std::string& connection) {
  auto& pace = paces_[connection];
  if (pace == nullptr) pace = std::make_unique<Pace>(context_.clock, environment_.sleep);
  return *pace;
}

Result<void> Execution::run(const plan::OpenSource& stage) {
  if (quarantine_ == nullptr) {
    MS_ASSIGN(quarantine_, Quarantine::open(context_, plan_.pipeline, run_id_));
  }
  std::unique_ptr<connector::PlannedRead> read;
  if (auto it = reads_.find(stage.name); it != reads_.end()) {
    read = std::move(it->second);
    reads_.erase(it);
  } else {
    MS_ASSIGN(auto* source, environment_.connections.source(stage.connection));
    MS_ASSIGN_DURING(
        read, patiently(context_, pace(stage.connection), [&] { return source->plan_read(context_, stage.request); }),
        "opening " + stage.name);
  }
  SourceFrameOptions options{.step = stage.name,
                             .hide_records = stage.hide_records,
                             .refuse_rejects = stage.refuse_rejects,
                             .filter = {},
                             .only_with = stage.only_with_cursor ? stage.request.cursor->column : "",
                             .hash = true,
                             .slice = environment_.slice};
  if (stage.run_filters_cursor) {
    MS_ASSIGN_DURING(options.filter, CursorFilter::make(*read->plan().schema, *stage.request.cursor),
                     "opening " + stage.name);
  }
  auto& counters = environment_.progress.add(stage.name, "source");
  opened_[stage.name] = stage;
  const SourceFrame::Surroundings surroundings{
      .context = context_, .counters = counters, .quarantine = *quarantine_, .pace = pace(stage.connection)};
  sources_[stage.name] = std::make_unique<SourceFrame>(surroundings, std::move(read), std::move(options));
  context_.reached("source.opened");
  return {};
}

Result<void> Execution::run(const plan::Land& stage) {
  MS_ASSIGN(auto* frame, source(stage.source));
  MS_ASSIGN(auto* engine, session());
  const auto stream = inner_name(stage.source, "stream");
  MS_TRY(engine->add_stream(stream, frame->streams()));
  MS_TRY_DURING(engine->land(stage.source, "select * from " + quote_identifier(stream)), "landing " + stage.source);
  context_.reached("source.landed");
  return {};
}

Result<void> Execution::register_masks(const plan::Transform& model) {
  MS_ASSIGN(auto* engine, session());
  for (size_t i = 0; i < model.masks.size(); ++i) {
    const auto& mask = model.masks[i];
    MS_ASSIGN(auto masker, security::Masker::make(mask.method, mask.key));
    MS_TRY(engine->add_text_function(mask_function(model.name, i),
                                     [masker](std::string_view clear) { return masker.apply(clear); }));
  }
  return {};
}

Result<void> Execution::run(const plan::Transform& stage) {
  MS_ASSIGN(auto* engine, session());
  // A source under its own name is its stream, unless it was landed.
  if (sources_.contains(stage.name) && stage.sql.empty())
    return engine->add_stream(stage.name, sources_[stage.name]->streams());
  if (auto it = sources_.find(stage.name); it != sources_.end())
    MS_TRY(engine->add_stream(inner_name(stage.name, "stream"), it->second->streams()));
  MS_TRY(register_masks(stage));
  const auto activity = "computing " + stage.name;
  if (stage.row_checks.empty()) {
    if (!stage.landed) return engine->add_view(stage.name, masked_select(stage));
    auto& counters = environment_.progress.add(stage.name, "model");
    const StepTimer timer(counters);
    MS_ASSIGN_DURING(const int64_t rows, engine->land(stage.name, masked_select(stage)), activity);
    counters.rows_read = rows;
    counters.rows_written = rows;
    context_.reached("model.landed");
    return {};
  }
  auto& checks = checks_[stage.name];
  checks = std::make_unique<RowChecks>(stage.name, stage.row_checks, *quarantine_);
  if (stage.landed) return land_checked(stage, *checks);
  MS_ASSIGN(streamed_sql_[stage.name], checked_select(stage, checks->quarantine_bits()));
  return {};
}

Result<void> Execution::land_checked(const plan::Transform& model, RowChecks& checks) {
  MS_ASSIGN(auto* engine, session());
  auto& counters = environment_.progress.add(model.name, "model");
  const StepTimer timer(counters);
  const auto all = inner_name(model.name, "checked");
  MS_ASSIGN(const auto sql, checked_select(model, checks.quarantine_bits()));
  MS_ASSIGN_DURING(const int64_t rows, engine->land(all, sql), "computing " + model.name);
  const auto bad = fmt::format("select * from {} where {} <> 0", quote_identifier(all), kViolationsColumn);
  MS_TRY_DURING(
      engine->stream(
          bad, [&] { return Result<std::unique_ptr<engine::OutputLane>>(std::make_unique<JudgingLane>(checks)); }),
      "checking " + model.name);
  counters.rows_read = rows;
  counters.rows_quarantined = checks.quarantined();
  counters.rows_written = rows - checks.quarantined();
  context_.reached("model.landed");
  return engine->add_view(
      model.name, fmt::format("select {} from {} where {} & {} = 0", column_list(model.columns), quote_identifier(all),
                              kViolationsColumn, static_cast<int64_t>(checks.quarantine_bits())));
}

Result<void> Execution::run(const plan::RunChecks& stage) {
  MS_ASSIGN(auto* engine, session());
  for (const auto& check : stage.checks) {
    const auto sql = check::failing_count_query(check.rule, stage.model, context_.clock.now());
    auto found = engine->fetch(sql, 1);
    const auto activity = fmt::format("checking {}.{}", stage.model, check.name);
    if (!found) return std::move(found).error().during(activity).at(check.position);
    MS_ASSIGN(const int64_t failing, single_number(**found));
    result_.checks.push_back(check::judge(stage.model, check, failing));
  }
  context_.reached("checks.done");
  return {};
}

Result<void> Execution::judge_checks() const {
  for (const auto& verdict : result_.checks)
    if (verdict.status == check::Status::fail)
      return Error(ErrorCode::check_failed, fmt::format("check {} failed: {}", verdict.name, verdict.failure))
          .hint("nothing was published; the targets hold what they held before");
  return {};
}

Result<void> Execution::run(const plan::StageTarget& stage) {
  // What the checks on whole tables have found is known before the targets are written, unless nothing is new.
  if (!nothing_to_do()) MS_TRY(judge_checks());
  MS_ASSIGN(auto* unit, this->unit(stage.unit, stage.connection));
  MS_ASSIGN_DURING(auto table, unit->stage(context_, stage.request), "staging " + stage.name);
  auto& counters = environment_.progress.add(stage.name, "target");
  counters.estimated_rows = stage.estimated_rows;
  const StepTimer timer(counters);
  const auto checked = streamed_sql_.find(stage.model);
  auto* checks = checked == streamed_sql_.end() ? nullptr : checks_[stage.model].get();
  auto& target = targets_[stage.name];
  target.stage = stage;
  target.frame = std::make_unique<TargetFrame>(context_, stage.name, std::move(table), counters, checks);
  if (stage.direct) {
    MS_ASSIGN(auto* frame, source(stage.model));
    MS_TRY(copy_directly(*frame, *target.frame, context_.threads));
  } else {
    MS_ASSIGN(auto* engine, session());
    const auto sql = checks == nullptr ? "select * from " + quote_identifier(stage.model) : checked->second;
    auto written = engine->stream(sql, target.frame->opener());
    if (!written) return std::move(written).error().during("computing " + stage.model);
  }
  context_.reached("target.staged");
  return {};
}

Result<void> Execution::run(const plan::VerifyTarget& stage) {
  auto& target = targets_.at(stage.name);
  const auto& request = target.stage.request;
  MS_ASSIGN(const auto receipt, target.frame->finish());
  TargetResult report{.table = stage.name,
                      .uri = target.stage.uri,
                      .mode = config::Conversion<connector::WriteMode>::write(request.mode),
                      .delivery = std::string(to_string(target.stage.delivery)),
                      .rows = receipt.rows,
                      .content_hash = target.frame->hash().to_string(),
                      .verified = "count"};
  if (target.stage.direct) {
    MS_ASSIGN(auto* frame, source(target.stage.model));
    if (!(frame->hash() == target.frame->hash()))
      return Error(ErrorCode::internal, fmt::format("{}: content hash {} was read, {} was written", stage.name,
                                                    frame->hash().to_string(), report.content_hash))
          .hint("nothing was published; please report this with the run's log");
    report.verified = "hash and count";
  }
  result_.targets.push_back(std::move(report));
  context_.reached("target.verified");
  return {};
}

Result<void> Execution::run(const plan::CheckBudget& stage) {
  for (const auto& [model, checks] : checks_)
    for (auto& verdict : checks->verdicts()) result_.checks.push_back(std::move(verdict));
  MS_TRY(judge_checks());
  // Nothing is published unless all rows are accounted for: the first promise.
  if (auto broken = broken_row_equation(steps()))
    return Error(ErrorCode::internal, "the rows do not add up: " + *broken)
        .hint("nothing was published; please report this with the run's log");
  int64_t read = 0;
  for (const auto* step : environment_.progress.steps())
    if (step->kind == "source") read += step->rows_read;
  const auto allowed = std::max(static_cast<int64_t>(stage.most_fraction * static_cast<double>(read)), stage.most_rows);
  if (rows_quarantined() <= allowed) return {};
  return over_budget(read, allowed);
}

Error Execution::over_budget(int64_t read, int64_t allowed) const {
  return Error(ErrorCode::check_failed,
               fmt::format("{} of {} went to quarantine; the budget allows {}; the first is {}",
                           counted(rows_quarantined(), "row"), read, allowed, quarantine_->example()))
      .hint(environment_.unpublished_quarantine.empty()
                ? "nothing was published; mend the rows, or allow more with --bad-rows"
                : fmt::format(
                      "nothing was published; all of them: mainstem quarantine show {} --run-id {}; allow more with "
                      "budget.bad_rows",
                      plan_.pipeline, run_id_));
}

Result<void> Execution::run(const plan::RecordRun&) {
  // Only of those whose position stands in a target: a preview takes nothing away from a queue. What a source is not
  // told now does not come again, as the next run starts behind the published position.
  for (const auto& cursor : result_.cursors) {
    MS_ASSIGN(auto* frame, source(cursor.source));
    const auto told = frame->acknowledge();
    if (!told)
      context_.log.warn("a source was not told of the publish",
                        {{"source", cursor.source}, {"why", told.error().chain()}});
  }
  context_.reached("run.recorded");
  return {};
}

bool Execution::nothing_to_do() const {
  bool incremental = false;
  for (const auto& [name, stage] : opened_) {
    if (!stage.request.cursor || !stage.request.cursor->after) return false;
    incremental = true;
  }
  int64_t news = quarantine_ == nullptr ? 0 : quarantine_->rows();
  for (const auto* step : environment_.progress.steps())
    if (step->kind == "source") news += step->rows_written;
  return incremental && news == 0;
}

void Execution::abort() noexcept {
  session_.reset();
  targets_.clear();
  for (auto& [number, unit] : units_)
    if (unit != nullptr) unit->abort();
  units_.clear();
}

// The engine's messages quote values, and those that a model reads are clear until it is computed.
Error Execution::presentable(Error error) const {
  const bool masks = std::ranges::any_of(plan_.stages, [](const plan::Stage& stage) {
    const auto* model = std::get_if<plan::Transform>(&stage);
    return model != nullptr && (model->hide_records || !model->masks.empty());
  });
  const auto chain = error.chain();
  const bool of_a_source = std::ranges::any_of(
      opened_, [&](const auto& source) { return chain.find("reading " + source.first) != std::string::npos; });
  // What stands in a target is masked already.
  const bool of_a_target = chain.starts_with("verifying ") || chain.starts_with("publishing ");
  if (masks && error.code() == ErrorCode::invalid_data && !of_a_source && !of_a_target)
    return Error(error.code(), fmt::format("{}: a value does not fit what the SQL makes of it; which one is withheld, "
                                           "since the pipeline masks columns",
                                           chain.substr(0, chain.find(": "))))
        .hint("use try_cast in the model, and a check that finds the rows");
  if (!error.position() || !error.position()->file.empty()) return error;
  return Error(error.code(), chain).hint(error.hint());
}

void Execution::keep_quarantine() noexcept {
  const auto& path = environment_.unpublished_quarantine;
  if (path.empty() || published_ || rows_quarantined() == 0) return;
  if (auto kept = quarantine_->keep(path); !kept)
    context_.log.warn("quarantine not kept", {{"error", kept.error().to_string()}});
}

std::vector<std::string> Execution::warnings() const {
  std::vector<std::string> warnings;
  for (const auto& [name, frame] : sources_)
    if (frame->left_out() > 0)
      warnings.push_back(
          fmt::format("{} of {} left out, for want of a value in '{}': nothing tells whether they are new",
                      counted(frame->left_out(), "row"), name, opened_.at(name).request.cursor->column));
  return warnings;
}

std::vector<StepResult> Execution::steps() const {
  std::vector<StepResult> steps;
  for (const auto* step : environment_.progress.steps())
    steps.push_back({.name = step->name,
                     .kind = step->kind,
                     .rows_read = step->rows_read,
                     .rows_written = step->rows_written,
                     .rows_quarantined = step->rows_quarantined,
                     .rows_filtered = step->rows_filtered,
                     .bytes = step->bytes,
                     .seconds = step->seconds});
  return steps;
}

}  // namespace mainstem::run
