#pragma once

#include <functional>
#include <string>
#include <vector>

#include "connector/testkit/conformance.h"
#include "connector/testkit/trial.h"

namespace mainstem::connector::testkit {

/// The rules as they are gathered: each file of rules adds those that the capabilities call for.
class RuleList {
 public:
  RuleList(MakeBench make_bench, Capabilities all, const std::optional<Writes>& tried)
      : declared(std::move(all)), capabilities(declared), make_bench_(std::move(make_bench)) {
    if (tried) capabilities.writes = *tried;
  }

  void add(std::string name, const std::function<Result<void>(Trial&)>& check) {
    rules.push_back({.name = std::move(name),
                     .check =
                         [check](Bench& bench) {
                           Trial trial(bench);
                           return check(trial);
                         },
                     .make_bench = make_bench_});
  }

  const Capabilities declared;
  Capabilities capabilities;  ///< with the writes that are tried
  std::vector<Rule> rules;

 private:
  MakeBench make_bench_;
};

void add_read_rules(RuleList& list);
void add_cursor_rules(RuleList& list);
void add_type_rules(RuleList& list);
/// For each write mode.
void add_write_rules(RuleList& list);
void add_crash_rules(RuleList& list);

}  // namespace mainstem::connector::testkit
