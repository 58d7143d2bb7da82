#include "pipeline/schema.h"

#include <gtest/gtest.h>
#include <set>

#include "config/yaml.h"
#include "pipeline/spec_fields.h"
#include "pipeline/tests/toy_project.h"

namespace mainstem::pipeline {
namespace {

using config::Node;

Node parsed(const std::string& json) {
  auto node = config::read_json(json, "schema", {.depth = 200});
  EXPECT_TRUE(node) << node.error().to_string();
  return node ? *node : Node{};
}

void add_properties(const Node& schema, std::set<std::string>& names) {
  for (const auto& item : schema.items()) add_properties(item, names);
  for (const auto& [key, value] : schema.entries()) {
    if (key == "properties")
      for (const auto& [name, property] : value.entries()) names.insert(name);
    add_properties(value, names);
  }
}

std::set<std::string> properties(const std::string& json) {
  std::set<std::string> names;
  add_properties(parsed(json), names);
  return names;
}

void expect_all(const config::OptionTable& table, const std::set<std::string>& names) {
  for (const auto& option : table.options) {
    EXPECT_TRUE(names.contains(option.name)) << option.name;
    // What has a short form is not looked into by editors.
    if (option.nested && option.type != "any") expect_all(*option.nested, names);
  }
}

TEST(Schema, IsJsonWithEveryOption) {
  const auto project = properties(project_schema(toy_connectors()));
  expect_all(project_fields().table(), project);
  const auto pipeline = properties(pipeline_schema(toy_connectors()));
  expect_all(pipeline_fields().table(), pipeline);
  expect_all(test_fields().table(), properties(test_schema()));
  for (const auto& connector : toy_connectors()) {
    if (connector.connection_options) expect_all(*connector.connection_options, project);
    if (connector.source_options) expect_all(*connector.source_options, pipeline);
    if (connector.target_options) expect_all(*connector.target_options, pipeline);
  }
}

TEST(Schema, RefusesUnknownKeys) {
  for (const auto& json : {project_schema(toy_connectors()), pipeline_schema(toy_connectors())}) {
    const auto schema = parsed(json);
    ASSERT_NE(schema.find("additionalProperties"), nullptr);
    EXPECT_EQ(schema.find("additionalProperties")->text(), "false");
    EXPECT_EQ(schema.find("$schema")->text(), "https://json-schema.org/draft/2020-12/schema");
  }
}

TEST(Schema, ConnectionsHaveTheOptionsOfTheirType) {
  const auto schema = parsed(project_schema(toy_connectors()));
  const auto& branches =
      schema.find("properties")->find("connections")->find("additionalProperties")->find("allOf")->items();
  ASSERT_EQ(branches.size(), toy_connectors().size());
  const auto& database = *branches[0].find("then")->find("properties");
  EXPECT_NE(database.find("host"), nullptr);
  EXPECT_NE(database.find("type"), nullptr);
  EXPECT_EQ(database.find("root"), nullptr);
}

TEST(LanguagePage, HasEveryOption) {
  const auto page = language_page();
  const auto expect_in_page = [&](const config::OptionTable& table) {
    for (const auto& option : table.options) EXPECT_NE(page.find(option.name + "`"), std::string::npos) << option.name;
  };
  expect_in_page(project_fields().table());
  expect_in_page(pipeline_fields().table());
  expect_in_page(source_fields().table());
  expect_in_page(transform_fields().table());
  expect_in_page(target_fields().table());
  expect_in_page(mask_fields().table());
  expect_in_page(sql_header_fields().table());
  expect_in_page(test_fields().table());
}

// The project that the product's description shows.
constexpr std::string_view kProject = R"(project: shop
connections:
  crm:   {type: database, host: crm.internal, password: "${env:CRM_PASSWORD}"}
  sales: {type: database, host: sales.internal, password: "${file:secrets/sales}"}
  drops: {type: files, root: shop-drops}
  dwh:   {type: database, host: dwh.internal}
environments:
  dev:                                   # mainstem run --env dev
    connections: {dwh: {type: database, host: localhost}}
defaults: {memory: 2GiB, retry: {attempts: 5}, timezone: Europe/Berlin}
)";

constexpr std::string_view kKpis = R"(-- description: Revenue of each customer.
select c.id as customer_id, sum(o.amount) as revenue, max(o.ordered_at) as last_order_at
from clean_customers c
join orders o on o.customer_id = c.id
join products p on p.sku = o.sku
group by 1
)";

constexpr std::string_view kPipeline = R"y(pipeline: customer_360
description: One row per customer with revenue and support KPIs, for the sales dashboard.
owner: data@shop.example
schedule: {cron: "15 2 * * *"}

sources:
  customers: {from: crm, table: public.customers, key: id, incremental: {cursor: updated_at, lookback: 1h}}
  orders:    {from: sales, table: orders, key: order_id, incremental: {cursor: updated_at}}
  products:
    from: drops
    path: products/*.csv
    contract: {columns: {sku: text not null, price: "decimal(12,2)"}, new_columns: evolve, types: widen, bad_rows: quarantine}

transforms:
  clean_customers:
    sql: |
      select id, trim(name) as name, lower(trim(email)) as email, country
      from customers
    checks:
      - not_null: [id, email]
      - unique: id
  customer_kpis:
    sql: models/customer_kpis.sql
    checks:
      - range: {column: revenue, min: 0}
      - references: {column: customer_id, to: clean_customers.id}
      - freshness: {column: last_order_at, within: 2d, severity: warn}

mask:
  clean_customers.email: {method: hash, key: "${env:CRM_PASSWORD}"}

targets:
  - {model: clean_customers, to: dwh, table: mart.customers, mode: merge, key: id}
  - {model: customer_kpis, to: dwh, table: mart.customer_kpis, mode: merge, key: customer_id, indexes: [country]}
publish: together
budget: {bad_rows: 0.1%}
)y";

TEST(Language, ReadsTheProjectOfTheGuide) {
  ToyProject files;
  files.write("mainstem.yaml", kProject);
  files.write("secrets/sales", "x");
  files.write("models/customer_kpis.sql", kKpis);
  files.write("pipelines/customer_360.yaml", kPipeline);
  EXPECT_EQ(files.errors(), "");
  auto dev = toy_options();
  dev.environment = "dev";
  EXPECT_EQ(files.errors(dev), "");
  const auto project = files.load().project;
  ASSERT_EQ(project.pipelines.size(), 1U);
  EXPECT_EQ(project.pipelines[0].transforms.at(1).description, "Revenue of each customer.");
}

}  // namespace
}  // namespace mainstem::pipeline
