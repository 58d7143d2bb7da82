#pragma once

#include <arrow/api.h>
#include <atomic>
#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "connector/testkit/test_context.h"
#include "run/executor.h"
#include "run/tests/memory_system.h"

namespace mainstem::run {

/// A clock that goes on only where somebody waits, for tests without sleep. Thread-safe.
class SteppingClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint(std::chrono::microseconds(time_.load())); }
  void go_on(std::chrono::milliseconds time) { time_ += std::chrono::microseconds(time).count(); }

 private:
  std::atomic<int64_t> time_{1'767'225'600'000'000};
};

/// An engine that is not needed, as sources go straight into their targets.
class NoEngineNeeded final : public engine::Engine {
 public:
  std::string name() const override { return "none"; }
  Result<std::unique_ptr<engine::Session>> open(Context&, const engine::SessionLimits&) override {
    return Error(ErrorCode::internal, "a direct copy needs no engine");
  }
  Result<std::unique_ptr<engine::Analyzer>> open_analyzer() override {
    return Error(ErrorCode::internal, "a run analyses nothing");
  }
};

/// One source that goes into one target.
struct Copy {
  std::string source;
  std::string target;
  std::shared_ptr<arrow::Schema> schema;
  connector::WriteMode mode = connector::WriteMode::append;
  std::vector<std::string> key;
  std::optional<connector::CursorRange> cursor;
  int unit = 0;
};

/// Runs of the executor over connectors of particular shapes: connection "from" to connection "to".
class ShapeRuns : public testing::Test {
 protected:
  RunResult run(const std::vector<Copy>& copies, OpenReads reads = {}) {
    return run(plan_of(copies), std::move(reads));
  }
  RunResult run(const plan::Plan& plan, OpenReads reads = {}) {
    NoEngineNeeded engine;
    Progress progress;
    const Environment environment{.context = context_,
                                  .engine = engine,
                                  .connections = connections_,
                                  .progress = progress,
                                  .limits = {},
                                  .slice = slice_,
                                  .sleep = [this](std::chrono::milliseconds time) { clock_.go_on(time); }};
    return execute(environment, plan, std::move(reads), "run-" + std::to_string(++runs_));
  }

  static plan::Plan plan_of(const std::vector<Copy>& copies) {
    plan::Plan plan{.pipeline = "pipeline", .state_name = "pipeline", .stages = {}};
    std::map<int, plan::PublishGroup> groups;
    for (const auto& copy : copies) {
      plan::OpenSource source;
      source.name = copy.source;
      source.connection = "from";
      source.request = {.name = copy.source, .table = copy.source, .options = {}};
      source.request.cursor = copy.cursor;
      plan.stages.emplace_back(source);
    }
    for (const auto& copy : copies) {
      plan::StageTarget target;
      target.name = copy.target;
      target.model = copy.source;
      target.connection = "to";
      target.request = {.name = copy.target, .table = copy.target, .options = {}, .schema = copy.schema};
      target.request.mode = copy.mode;
      target.request.key = copy.key;
      target.direct = true;
      target.unit = copy.unit;
      plan.stages.emplace_back(target);
      plan.stages.emplace_back(plan::VerifyTarget{copy.target});
      auto& group = groups[copy.unit];
      group.connection = "to";
      group.unit = copy.unit;
      group.targets.push_back(copy.target);
      group.cursors.push_back({.source = copy.source, .target = copy.target});
    }
    plan.stages.emplace_back(plan::CheckBudget{});
    for (const auto& [unit, group] : groups) plan.stages.emplace_back(group);
    plan.stages.emplace_back(plan::RecordRun{});
    return plan;
  }

  connector::testkit::TestContext test_;
  SteppingClock clock_;
  Context context_{.cancellation = test_.cancellation,
                   .clock = clock_,
                   .log = test_.log,
                   .memory = test_.memory,
                   .threads = 4,
                   .scratch_directory = test_.scratch.path(),
                   .on_point = {}};
  Connections connections_;
  SliceLimits slice_;
  int runs_ = 0;
};

}  // namespace mainstem::run
