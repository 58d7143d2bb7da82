#include "pipeline/read_pipeline.h"

#include <gtest/gtest.h>

#include "pipeline/checks.h"
#include "pipeline/tests/toy_project.h"
#include "pipeline/validate.h"

namespace mainstem::pipeline {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kEveryOption = R"y(pipeline: customer_360
description: One row per customer.
owner: data@shop.example
schedule: {cron: "15 2 * * *", timezone: Europe/Berlin}
params: {days: 30}
sources:
  customers:
    from: crm
    table: public.customers
    description: All of them.
    key: [id, region]
    columns: [id, region, email, changed_at]
    where: region <> 'x'
    incremental: {cursor: changed_at, lookback: 1h}
    contract:
      columns: {id: bigint NOT  NULL, email: text not null, region: "varchar(2)"}
      new_columns: ignore
      types: fail
      bad_rows: fail
    query: select 1
    checks:
      - unique: [id, region]
transforms:
  clean:
    description: Good ones.
    sql: select * from customers;
  steps:
    from: clean
    steps: [drop: email]
mask:
  customers.email: {method: hash, key: "${env:CRM_PASSWORD}"}
  clean.region: {method: null}
targets:
  - model: clean
    to: dwh
    table: mart.customers
    mode: merge
    key: id
    partition_by: region
    indexes: [email, [region, id]]
    deletes: ignore
    truncate: true
  - {model: steps, to: lake, path: out.parquet, mode: partition, partition_by: id}
publish: separately
budget: {bad_rows: [0.5%, 20]}
)y";

TEST(ReadPipeline, TakesEveryOptionOfAPipeline) {
  const auto spec = ToyProject().pipeline(kEveryOption);
  EXPECT_EQ(spec.name, "customer_360");
  EXPECT_EQ(spec.description, "One row per customer.");
  EXPECT_EQ(spec.owner, "data@shop.example");
  ASSERT_TRUE(spec.schedule);
  EXPECT_EQ(spec.schedule->cron.text, "15 2 * * *");
  EXPECT_EQ(spec.schedule->timezone, "Europe/Berlin");
  EXPECT_EQ(spec.publish, Publish::separately);
  EXPECT_DOUBLE_EQ(spec.budget.fraction, 0.005);
  EXPECT_EQ(spec.budget.rows, 20);
}

TEST(ReadPipeline, TakesEveryOptionOfASource) {
  const auto spec = ToyProject().pipeline(kEveryOption);
  const auto& source = spec.sources.at(0);
  EXPECT_EQ(source.name, "customers");
  EXPECT_EQ(source.from, "crm");
  EXPECT_EQ(source.table, "public.customers");
  EXPECT_EQ(source.description, "All of them.");
  EXPECT_EQ(source.key, (Names{"id", "region"}));
  EXPECT_EQ(source.columns, (Names{"id", "region", "email", "changed_at"}));
  EXPECT_EQ(source.where, "region <> 'x'");
  ASSERT_TRUE(source.incremental);
  EXPECT_EQ(source.incremental->cursor, "changed_at");
  EXPECT_EQ(source.incremental->lookback, "1h");
  EXPECT_EQ(source.options.entries().size(), 1U);
  EXPECT_EQ(source.options.find("query")->text(), "select 1");
  EXPECT_EQ(source.checks.at(0).name, "unique(id, region)");
  EXPECT_EQ(source.position.line, 7);
}

TEST(ReadPipeline, TakesEveryOptionOfAContract) {
  const auto spec = ToyProject().pipeline(kEveryOption);
  const auto& contract = spec.sources.at(0).contract;
  ASSERT_EQ(contract.columns.size(), 3U);
  EXPECT_EQ(contract.columns[0].type, "bigint");
  EXPECT_TRUE(contract.columns[0].not_null);
  EXPECT_EQ(contract.columns[1].type, "text");
  EXPECT_TRUE(contract.columns[1].not_null);
  EXPECT_EQ(contract.columns[2].type, "varchar(2)");
  EXPECT_FALSE(contract.columns[2].not_null);
  EXPECT_EQ(contract.new_columns, NewColumns::ignore);
  EXPECT_EQ(contract.types, TypeChanges::fail);
  EXPECT_EQ(contract.bad_rows, BadRows::fail);
}

TEST(ReadPipeline, TakesSqlAndSteps) {
  const auto spec = ToyProject().pipeline(kEveryOption);
  EXPECT_EQ(spec.transforms.at(0).sql.text, "select * from customers");
  EXPECT_FALSE(spec.transforms.at(0).sql.generated);
  EXPECT_EQ(spec.transforms.at(1).sql.text, R"(select * exclude ("email") from "clean")");
  EXPECT_TRUE(spec.transforms.at(1).sql.generated);
}

TEST(ReadPipeline, TakesMasks) {
  const auto spec = ToyProject().pipeline(kEveryOption);
  EXPECT_EQ(spec.masks.at(0).model, "customers");
  EXPECT_EQ(spec.masks.at(0).column, "email");
  EXPECT_EQ(spec.masks.at(0).method, security::MaskMethod::hash);
  EXPECT_EQ(spec.masks.at(0).key.reveal(), "pa$$word");
  EXPECT_EQ(spec.masks.at(1).method, security::MaskMethod::null);
}

TEST(ReadPipeline, TakesEveryOptionOfATarget) {
  const auto spec = ToyProject().pipeline(kEveryOption);
  const auto& target = spec.targets.at(0);
  EXPECT_EQ(target.mode, connector::WriteMode::merge);
  EXPECT_EQ(target.key, Names{"id"});
  EXPECT_EQ(target.partition_by, Names{"region"});
  EXPECT_EQ(target.indexes, (std::vector<Names>{{"email"}, {"region", "id"}}));
  EXPECT_EQ(target.deletes, Deletes::ignore);
  EXPECT_EQ(target.options.entries().size(), 1U);
  EXPECT_EQ(target.name(), "mart.customers");
  EXPECT_EQ(spec.targets.at(1).name(), "out.parquet");
  EXPECT_EQ(spec.targets.at(1).mode, connector::WriteMode::partition);
}

TEST(ReadPipeline, HasDefaults) {
  const auto spec = ToyProject().pipeline(R"(pipeline: p
sources: {customers: {from: crm, table: customers, key: id}}
targets: [{model: CUSTOMERS, to: dwh, table: customers}]
)");
  EXPECT_FALSE(spec.schedule);
  EXPECT_EQ(spec.publish, Publish::together);
  EXPECT_DOUBLE_EQ(spec.budget.fraction, 0.01);
  EXPECT_EQ(spec.budget.rows, 10);
  EXPECT_FALSE(spec.sources.at(0).incremental);
  EXPECT_EQ(spec.sources.at(0).contract.new_columns, NewColumns::evolve);
  EXPECT_EQ(spec.sources.at(0).contract.types, TypeChanges::widen);
  EXPECT_EQ(spec.sources.at(0).contract.bad_rows, BadRows::quarantine);
  EXPECT_EQ(spec.targets.at(0).mode, connector::WriteMode::replace);
  EXPECT_EQ(spec.targets.at(0).deletes, Deletes::ignore);
  // The key of a source goes over to its target.
  EXPECT_EQ(spec.targets.at(0).key, Names{"id"});
}

Budget budget_of(const std::string& text) {
  return ToyProject()
      .pipeline(
          "pipeline: p\nsources: {a: {from: crm, table: a}}\ntargets: [{model: a, to: dwh, table: a}]\nbudget: "
          "{bad_rows: " +
          text + "}\n")
      .budget;
}

TEST(ReadPipeline, BudgetIsAShareANumberOrBoth) {
  EXPECT_DOUBLE_EQ(budget_of("0.1%").fraction, 0.001);
  EXPECT_EQ(budget_of("0.1%").rows, 0);
  EXPECT_DOUBLE_EQ(budget_of("10").fraction, 0);
  EXPECT_EQ(budget_of("10").rows, 10);
  EXPECT_DOUBLE_EQ(budget_of("[2%, 5]").fraction, 0.02);
  EXPECT_EQ(budget_of("[5, 2%]").rows, 5);
  EXPECT_EQ(budget_of("0").rows, 0);
}

TEST(ReadPipeline, SqlFilesMayCarryDescriptionChecksAndTests) {
  ToyProject files;
  files.write("models/clean.sql", R"(-- Copyright: somebody
-- description: Good ones.
-- checks:
--   - unique: id
--   - range: {column: revenue, min: "${param:least}"}
-- tests:
--   - test: keeps rows
--     given: {customers: [{id: 1}]}
--     expect: [{id: 1}]
select id, -- ours
  revenue
from customers -- the end;
;
)");
  files.write("pipelines/p.yaml", R"(pipeline: p
params: {least: 5}
sources: {customers: {from: crm, table: customers}}
transforms:
  clean:
    sql: models/clean.sql
    checks:
      - range: {column: revenue, max: 9}
targets: [{model: clean, to: dwh, table: a}]
)");
  EXPECT_EQ(files.errors(), "");
  const auto project = files.load().project;
  const auto& model = project.pipelines.at(0).transforms.at(0);
  EXPECT_EQ(model.description, "Good ones.");
  EXPECT_TRUE(model.sql.text.starts_with("-- Copyright"));
  EXPECT_TRUE(model.sql.text.ends_with("from customers")) << model.sql.text;
  ASSERT_EQ(model.checks.size(), 3U);
  EXPECT_EQ(model.checks[0].name, "range(revenue)");
  EXPECT_EQ(model.checks[1].name, "unique(id)");
  EXPECT_EQ(model.checks[2].name, "range(revenue) #2");
  EXPECT_EQ(std::get<check::Range>(model.checks[2].rule).min, "5");
  EXPECT_EQ(model.checks[1].position.line, 4);
  ASSERT_EQ(project.tests.size(), 1U);
  EXPECT_EQ(project.tests[0].name, "keeps rows");
  EXPECT_EQ(project.tests[0].pipeline, "p");
  EXPECT_EQ(project.tests[0].model, "clean");
  EXPECT_EQ(project.tests[0].expect.rows.size(), 1U);
}

TEST(ReadTests, TakesTablesInBothSpellings) {
  ToyProject files;
  files.write("pipelines/p.yaml", R"(pipeline: p
sources: {customers: {from: crm, table: customers}, orders: {from: crm, table: orders}}
transforms: {clean: {sql: select id from customers join orders using (id)}}
targets: [{model: clean, to: dwh, table: a}]
)");
  files.write("tests/clean.yaml", R"(- test: one
  model: clean
  given:
    customers: [{id: 1, name: x}, {id: 2}]
    orders: {columns: {id: int, at: "timestamp not null"}, rows: []}
  expect: []
- test: two
  pipeline: p
  model: Clean
  given: {customers: {columns: {id: int}}}
  expect: {columns: {id: bigint}, rows: [{id: 1}]}
)");
  EXPECT_EQ(files.errors(), "");
  const auto tests = files.load().project.tests;
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].given.at(0).rows.size(), 2U);
  EXPECT_EQ(tests[0].given.at(0).rows[0].find("name")->text(), "x");
  EXPECT_EQ(tests[0].given.at(1).columns.at(1).type, "timestamp");
  EXPECT_TRUE(tests[0].given.at(1).columns.at(1).not_null);
  EXPECT_TRUE(tests[0].expect.rows.empty());
  EXPECT_EQ(tests[1].expect.columns.at(0).type, "bigint");
}

TEST(Validate, NamesFitIntoSql) {
  for (const auto* name : {"a", "_a", "Customers_2", "größe"}) EXPECT_TRUE(is_plain_name(name)) << name;
  for (const auto* name : {"", "2a", "a-b", "a.b", "a b", "_mainstem", "_MAINSTEM_x", "a\"", "a;"})
    EXPECT_FALSE(is_plain_name(name)) << name;
  EXPECT_FALSE(is_plain_name(std::string(101, 'a')));
}

}  // namespace
}  // namespace mainstem::pipeline
