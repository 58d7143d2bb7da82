#include "pipeline/checks.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "config/yaml.h"
#include "pipeline/contract.h"

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

TEST(Contract, DeclaresASchema) {
  Contract contract;
  auto none = declared_schema(contract);
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
  contract.columns = {{.name = "sku", .type = "text", .not_null = true}, {.name = "price", .type = "decimal(12,2)"}};
  auto schema = declared_schema(contract);
  ASSERT_TRUE(schema);
  const auto expected =
      arrow::schema({arrow::field("sku", arrow::utf8()), arrow::field("price", arrow::decimal128(12, 2))});
  EXPECT_TRUE((*schema)->Equals(*expected));
  contract.columns[1].type = "money";
  contract.columns[1].position = {.file = "f", .line = 3, .column = 4};
  auto wrong = declared_schema(contract);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().position()->line, 3);
}

TEST(Contract, StandsForChecks) {
  SourceSpec source;
  source.contract.columns = {{.name = "sku", .type = "varchar(8)", .not_null = true}, {.name = "price", .type = "int"}};
  source.checks = {{.name = "not_null(sku)", .rule = check::NotNull{{"sku"}}}};
  auto checks = source_checks(source);
  ASSERT_EQ(checks.size(), 3U);
  EXPECT_EQ(checks[0].name, "not_null(sku)");
  EXPECT_EQ(checks[0].on_fail, check::OnFail::quarantine);
  EXPECT_EQ(std::get<check::Length>(checks[1].rule).max, 8);
  EXPECT_EQ(checks[2].name, "not_null(sku) #2");
  EXPECT_EQ(checks[2].on_fail, check::OnFail::block);
  source.contract.bad_rows = BadRows::fail;
  EXPECT_EQ(source_checks(source)[0].on_fail, check::OnFail::block);
}

}  // namespace
}  // namespace mainstem::pipeline
