#include "pipeline/checks.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "config/yaml.h"

namespace mainstem::pipeline {
namespace {

using check::Check;
using Names = std::vector<std::string>;

Check read_one(std::string_view yaml) {
  const auto node = config::read_yaml(yaml, "f");
  EXPECT_TRUE(node) << yaml;
  ErrorList errors;
  auto checks = read_checks(*node, errors);
  for (const auto& error : errors.take_sorted()) ADD_FAILURE() << error.to_string();
  EXPECT_EQ(checks.size(), 1U);
  return checks.empty() ? Check{} : checks.front();
}

template <class Rule>
Rule rule_of(std::string_view yaml) {
  const auto check = read_one(yaml);
  const auto* rule = std::get_if<Rule>(&check.rule);
  EXPECT_NE(rule, nullptr) << yaml;
  return rule == nullptr ? Rule{} : *rule;
}

TEST(ReadChecks, KnowsEveryRule) {
  EXPECT_EQ(rule_of<check::NotNull>("- not_null: [a, b]").columns, (Names{"a", "b"}));
  EXPECT_EQ(rule_of<check::NotNull>("- not_null: {columns: a}").columns, Names{"a"});
  EXPECT_EQ(rule_of<check::Unique>("- unique: id").columns, Names{"id"});
  EXPECT_EQ(rule_of<check::Range>("- range: {column: a, min: 0, max: 2026-01-01}").max, "2026-01-01");
  EXPECT_EQ(rule_of<check::AcceptedValues>("- accepted_values: {column: a, values: [x, 1]}").values, (Names{"x", "1"}));
  EXPECT_EQ(rule_of<check::Matches>("- matches: {column: a, pattern: \"[a-z]+\"}").pattern, "[a-z]+");
  EXPECT_EQ(rule_of<check::Length>("- length: {column: a, min: 1, max: 20}").max, 20);
  EXPECT_EQ(rule_of<check::References>("- references: {column: a, to: b.c.d}").to_table, "b.c");
  EXPECT_EQ(rule_of<check::References>("- references: {column: a, to: b.c.d}").to_column, "d");
  EXPECT_EQ(rule_of<check::RowCount>("- row_count: {min: 1}").min, 1);
  EXPECT_EQ(rule_of<check::Freshness>("- freshness: {column: at, within: 2d}").within, std::chrono::hours(48));
  EXPECT_EQ(rule_of<check::Sql>("- sql: select 1 from a; -- none").sql, "select 1 from a");
  EXPECT_EQ(rule_of<check::Sql>("- sql: {sql: select 1}").sql, "select 1");
}

TEST(ReadChecks, FactsStandInsideOrBesideTheRule) {
  const auto inside = read_one("- range: {column: a, min: 0, severity: warn, name: positive, on_fail: quarantine}");
  const auto beside =
      read_one("- range: {column: a, min: 0}\n  severity: warn\n  name: positive\n  on_fail: quarantine");
  for (const auto& check : {inside, beside}) {
    EXPECT_EQ(check.name, "positive");
    EXPECT_EQ(check.severity, check::Severity::warn);
    EXPECT_EQ(check.on_fail, check::OnFail::quarantine);
  }
  const auto plain = read_one("- unique: id");
  EXPECT_EQ(plain.name, "unique(id)");
  EXPECT_EQ(plain.severity, check::Severity::error);
  EXPECT_EQ(plain.on_fail, check::OnFail::block);
  EXPECT_EQ(plain.position.line, 1);
  EXPECT_EQ(plain.position.column, 3);
}

TEST(ReadChecks, OneMistakeHidesNoOther) {
  const auto node = config::read_yaml("- uniqe: id\n- unique: id\n- range: {column: a}\n", "f");
  ErrorList errors;
  EXPECT_EQ(read_checks(*node, errors).size(), 1U);
  EXPECT_EQ(errors.size(), 2U);
}

TEST(MakeNamesUnique, CountsUp) {
  std::vector<Check> checks(3, Check{.name = "a"});
  checks.push_back({.name = "b"});
  make_names_unique(checks);
  EXPECT_EQ(checks[0].name, "a");
  EXPECT_EQ(checks[1].name, "a #2");
  EXPECT_EQ(checks[2].name, "a #3");
  EXPECT_EQ(checks[3].name, "b");
}

}  // namespace
}  // namespace mainstem::pipeline
