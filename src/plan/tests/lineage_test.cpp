#include "plan/lineage.h"

#include <gmock/gmock.h>

#include "plan/tests/fixture.h"

namespace mainstem::plan {
namespace {

using engine::ColumnOrigin;
using testing::ElementsAre;
using testing::IsEmpty;

World world_of_two_models() {
  World world;
  const auto source = columns({{"id", arrow::int64()}, {"first", arrow::utf8()}, {"last", arrow::utf8()}});
  world.source("customers", source);
  world.model("clean", "select clean", {{"Customers", 1}}, columns({{"id", arrow::int64()}, {"name", arrow::utf8()}}));
  world.model("kpis", "select kpis", {{"clean", 1}},
              columns({{"label", arrow::utf8()}, {"one", arrow::int64()}, {"both", arrow::utf8()}}));
  world.analyzer.lineages["select clean"] = {{"id", {{"Customers", "id"}}},
                                             {"name", {{"Customers", "first"}, {"Customers", "last"}}}};
  world.analyzer.lineages["select kpis"] = {
      {"label", {{"clean", "name"}}}, {"one", {}}, {"both", {{"clean", "id"}, {"clean", "name"}}}};
  world.target("kpis", "mart.kpis");
  return world;
}

TEST(Lineage, FollowsColumnsThroughModelsToSources) {
  auto world = world_of_two_models();
  const auto lineage = must(trace_lineage(must(world.plan()), world.analyzer));
  ASSERT_EQ(lineage.size(), 3U);
  EXPECT_EQ(lineage[0].column, "label");
  EXPECT_THAT(lineage[0].direct, ElementsAre(ColumnOrigin{"clean", "name"}));
  EXPECT_THAT(lineage[0].sources, ElementsAre(ColumnOrigin{"customers", "first"}, ColumnOrigin{"customers", "last"}));
  EXPECT_THAT(lineage[1].sources, IsEmpty());
  EXPECT_THAT(lineage[2].sources, ElementsAre(ColumnOrigin{"customers", "first"}, ColumnOrigin{"customers", "id"},
                                              ColumnOrigin{"customers", "last"}));
}

TEST(Lineage, HasATextAndAJsonForm) {
  auto world = world_of_two_models();
  const auto lineage = must(trace_lineage(must(world.plan()), world.analyzer));
  EXPECT_EQ(lineage_text(lineage),
            "mart.kpis (model kpis)\n"
            "  label\n      ← clean.name\n      ⇐ customers.first, customers.last\n"
            "  one\n      ← (no column)\n"
            "  both\n      ← clean.id, clean.name\n      ⇐ customers.first, customers.id, customers.last\n");
  EXPECT_THAT(lineage_json(lineage),
              testing::StartsWith(R"({"lineage":1,"columns":[{"target":"mart.kpis","model":"kpis","column":"label",)"
                                  R"("direct":[{"table":"clean","column":"name"}],"sources":[{"table":"customers",)"));
}

TEST(Lineage, ACopiedSourceIsItsOwnOrigin) {
  World world;
  world.source("customers", columns({{"id", arrow::int64()}}));
  world.target("customers", "mart.customers");
  const auto lineage = must(trace_lineage(must(world.plan()), world.analyzer));
  ASSERT_EQ(lineage.size(), 1U);
  EXPECT_THAT(lineage[0].sources, ElementsAre(ColumnOrigin{"customers", "id"}));
}

// A model that treats a masked number as text is right, and its lineage must be found under the same view.
TEST(Lineage, MaskedColumnsAreTextForTheirReaders) {
  World world;
  world.source("customers", columns({{"id", arrow::int64()}}));
  world.mask("customers", "id");
  world.model("all", "select * from \"customers\"", {{"customers", 1}}, nullptr);
  world.analyzer.schemas.erase("select * from \"customers\"");
  world.analyzer.lineages["select * from \"customers\""] = {{"id", {{"customers", "id"}}}};
  world.model("last", "select * from \"all\"", {{"all", 1}}, nullptr);
  world.analyzer.schemas.erase("select * from \"all\"");
  world.analyzer.lineages["select * from \"all\""] = {{"id", {{"all", "id"}}}};
  world.target("last", "mart.customers");
  const auto plan = must(world.plan());
  world.analyzer.known.clear();
  const auto lineage = must(trace_lineage(plan, world.analyzer));
  EXPECT_THAT(lineage.at(0).sources, ElementsAre(ColumnOrigin{"customers", "id"}));
  EXPECT_TRUE(world.analyzer.known.at("all")->field(0)->type()->Equals(arrow::utf8()));
}

}  // namespace
}  // namespace mainstem::plan
