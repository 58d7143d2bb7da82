#pragma once

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

#include "plan/tests/fixture.h"

namespace mainstem::plan {

/// Walks through a plan as the executor would, without data, and reports whatever it could not carry out: a stream that
/// is read twice or never, a name that is not there yet, checks on what is not kept, a target that is never published.
class Rehearsal {
 public:
  Rehearsal(const Plan& plan, const FakeAnalyzer& analyzer) : analyzer_(analyzer) {
    for (const auto& stage : plan.stages) std::visit([this](const auto& typed) { take(typed); }, stage);
    for (const auto& [name, taken] : sources_) EXPECT_TRUE(taken) << "source never read: " << name;
    for (const auto& [name, table] : tables_)
      EXPECT_TRUE(table.landed || table.readers == 1) << name << " streams to " << table.readers << " readers";
    EXPECT_TRUE(staged_.empty()) << "a target is never published";
    EXPECT_TRUE(recorded_);
  }

 private:
  struct Table {
    bool landed = false;
    bool judged_by_target = false;  // row checks that only a target's pass carries out
    int readers = 0;
  };

  void take(const OpenSource& stage) { EXPECT_TRUE(sources_.emplace(stage.name, false).second); }
  void take(const Land& stage) {
    take_source(stage.source);
    tables_[stage.source] = {.landed = true};
  }

  void take(const Transform& stage) {
    EXPECT_FALSE(tables_.contains(stage.name)) << stage.name << " is made twice";
    if (sources_.contains(stage.name))
      take_source(stage.name);
    else
      for (const auto& read : analyzer_.reads.at(stage.sql))
        for (int i = 0; i < read.uses; ++i) read_by_model(read.name);
    for (const auto& check : stage.row_checks) {
      EXPECT_TRUE(check::names_rows(check.rule));
      look_at_parent(check);
    }
    EXPECT_FALSE(stage.why.empty());
    tables_[stage.name] = {.landed = stage.landed, .judged_by_target = !stage.landed && !stage.row_checks.empty()};
  }

  void take(const RunChecks& stage) {
    expect_kept(stage.model);
    EXPECT_FALSE(stage.checks.empty());
    for (const auto& check : stage.checks) {
      look_at_parent(check);
      if (const auto* rule = std::get_if<check::Sql>(&check.rule))
        for (const auto& read : analyzer_.reads.at(rule->sql)) expect_kept(read.name);
    }
  }

  void take(const StageTarget& stage) {
    EXPECT_FALSE(judged_) << "the budget was judged too early";
    if (stage.direct)
      take_source(stage.model);
    else
      ++tables_.at(stage.model).readers;
    staged_[stage.name] = stage.unit;
  }
  void take(const VerifyTarget& stage) {
    EXPECT_TRUE(staged_.contains(stage.name));
    verified_.insert(stage.name);
  }
  void take(const CheckBudget&) { judged_ = true; }
  void take(const StageQuarantine& stage) {
    EXPECT_TRUE(judged_);
    EXPECT_EQ(stage.unit, 0) << "it must be visible before or with the first rows";
    EXPECT_EQ(stage.request.mode, connector::WriteMode::append);
  }
  void take(const PublishGroup& stage) {
    EXPECT_TRUE(judged_);
    for (const auto& name : stage.targets) {
      EXPECT_TRUE(verified_.contains(name)) << name;
      ASSERT_TRUE(staged_.contains(name)) << name;
      EXPECT_EQ(staged_.at(name), stage.unit);
      staged_.erase(name);
    }
  }
  void take(const RecordRun&) { recorded_ = true; }

  void take_source(const std::string& name) {
    ASSERT_TRUE(sources_.contains(name)) << name << " is not open";
    EXPECT_FALSE(sources_[name]) << name << " is read twice";
    sources_[name] = true;
  }
  void read_by_model(const std::string& name) {
    ASSERT_TRUE(tables_.contains(name)) << name << " is not there yet";
    EXPECT_FALSE(tables_[name].judged_by_target) << name << " is read before its rows are judged";
    ++tables_[name].readers;
  }
  void look_at_parent(const check::Check& check) {
    if (const auto* rule = std::get_if<check::References>(&check.rule)) expect_kept(rule->to_table);
  }
  void expect_kept(const std::string& name) {
    ASSERT_TRUE(tables_.contains(name)) << name << " is not there yet";
    EXPECT_TRUE(tables_[name].landed) << name << " is looked into but not kept";
  }

  const FakeAnalyzer& analyzer_;
  std::map<std::string, bool> sources_;
  std::map<std::string, Table> tables_;
  std::map<std::string, int> staged_;
  std::set<std::string> verified_;
  bool judged_ = false;
  bool recorded_ = false;
};

}  // namespace mainstem::plan
