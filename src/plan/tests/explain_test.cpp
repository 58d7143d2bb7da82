// What `plan` prints, as files in tests/golden/plan. MAINSTEM_ACCEPT=1 rewrites them.
#include "plan/explain.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>

#include "plan/plan_json.h"
#include "plan/tests/fixture.h"

namespace mainstem::plan {
namespace {

namespace fs = std::filesystem;
using check::OnFail;
using testing::HasSubstr;
using testing::Not;

void expect_golden(const std::string& name, const std::string& text) {
  const auto path = MAINSTEM_SOURCE_DIR "/tests/golden/plan/" + name;
  if (std::getenv("MAINSTEM_ACCEPT") != nullptr) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << text;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path << " is missing; run with MAINSTEM_ACCEPT=1";
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << path;
}

// Golden files are read by people: an object or array of stages on lines of its own.
std::string one_stage_a_line(std::string json) {
  for (size_t at = 0; (at = json.find("{\"stage\"", at)) != std::string::npos; at += 9) json.insert(at, "\n");
  return json + "\n";
}

// Something of everything: a filtered cursor, a contract, masks, checks of all kinds, two connections.
World shop() {
  World world;
  auto& customers = world.source(
      "customers", columns({{"id", arrow::int64()}, {"email", arrow::utf8()}, {"updated_at", arrow::date32()}}), 12345);
  customers.contract.columns = {{.name = "id", .type = "bigint", .not_null = true, .position = {}}};
  world.incremental("customers", "updated_at", "1d");
  const auto orders =
      columns({{"order_id", arrow::int64()}, {"customer_id", arrow::int64()}, {"price", arrow::decimal128(12, 2)}});
  world.source("orders", orders).contract.bad_rows = pipeline::BadRows::fail;
  world
      .model("clean_customers", "select clean", {{"customers", 1}},
             columns({{"id", arrow::int64()}, {"email", arrow::utf8()}, {"updated_at", arrow::date32()}}))
      .checks = {{.name = "unique(id)", .rule = check::Unique{{"id"}}},
                 {.name = "row_count()", .rule = check::RowCount{1, {}}, .severity = check::Severity::warn}};
  world
      .model("revenue", "select revenue", {{"clean_customers", 1}, {"orders", 1}},
             columns({{"customer_id", arrow::int64()}, {"revenue", arrow::decimal128(38, 2)}}))
      .checks = {
      {.name = "range(revenue)", .rule = check::Range{"revenue", "0", {}}, .on_fail = OnFail::quarantine},
      {.name = "references(customer_id)", .rule = check::References{"customer_id", "clean_customers", "id"}}};
  world.mask("clean_customers", "email");
  auto& people = world.target("clean_customers", "mart.customers");
  people.mode = connector::WriteMode::merge;
  people.key = {"id"};
  people.indexes = {{"email"}};
  auto& money = world.target("revenue", "mart.revenue");
  money.mode = connector::WriteMode::merge;
  money.key = {"customer_id"};
  auto& lake = world.target("orders", "lake/orders", "lake");
  lake.mode = connector::WriteMode::partition;
  lake.partition_by = {"customer_id"};
  return world;
}

World copy() {
  World world;
  world.source("orders", columns({{"id", arrow::int64()}}), 1);
  world.target("orders", "mart.orders");
  return world;
}

TEST(Explain, ACopy) {
  const auto plan = must(copy().plan());
  expect_golden("copy.txt", explain(plan));
  expect_golden("copy.json", one_stage_a_line(plan_json(plan)));
}

TEST(Explain, AShop) {
  const auto plan = must(shop().plan());
  expect_golden("shop.txt", explain(plan));
  expect_golden("shop.json", one_stage_a_line(plan_json(plan)));
}

TEST(Explain, TheKeysOfMasksAreNeverShown) {
  const auto plan = must(shop().plan());
  EXPECT_THAT(explain(plan), HasSubstr("mask email by hash"));
  EXPECT_THAT(explain(plan) + plan_json(plan), Not(HasSubstr("the-secret-key")));
}

}  // namespace
}  // namespace mainstem::plan
