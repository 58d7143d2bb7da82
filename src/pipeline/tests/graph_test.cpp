#include "pipeline/graph.h"

#include <gtest/gtest.h>

#include "pipeline/tests/toy_project.h"

namespace mainstem::pipeline {
namespace {

using Names = std::vector<std::string>;

PipelineSpec spec_of(const std::vector<std::pair<std::string, std::string>>& models) {
  PipelineSpec spec;
  spec.sources = {{.name = "customers"}, {.name = "orders"}};
  for (const auto& [name, sql] : models) spec.transforms.push_back({.name = name, .sql = {.text = sql}});
  return spec;
}

TEST(Graph, SortsModelsBehindWhatTheyRead) {
  const auto spec = spec_of({{"kpis", "select 1 from clean join orders using (id) join CLEAN as c using (id)"},
                             {"other", "select 1"},
                             {"clean", "with t as (select * from \"Customers\") select * from t"}});
  const auto graph = build_graph(spec, toy_references);
  ASSERT_TRUE(graph) << graph.error().to_string();
  ASSERT_EQ(graph->models.size(), 3U);
  EXPECT_EQ(graph->models[0].model, "clean");
  EXPECT_EQ(graph->models[1].model, "kpis");
  EXPECT_EQ(graph->models[2].model, "other");
  const auto& reads = graph->find("KPIS")->reads;
  ASSERT_EQ(reads.size(), 2U);
  EXPECT_EQ(reads[0].name, "clean");
  EXPECT_EQ(reads[0].uses, 2);
  EXPECT_FALSE(reads[0].source);
  EXPECT_EQ(reads[1].name, "orders");
  EXPECT_TRUE(reads[1].source);
  EXPECT_EQ(graph->sources_below("kpis"), (Names{"customers", "orders"}));
  EXPECT_EQ(graph->sources_below("Orders"), Names{"orders"});
  EXPECT_EQ(graph->sources_below("other"), Names{});
  EXPECT_EQ(graph->find("nothing"), nullptr);
}

TEST(Graph, KnowsWhatChecksRead) {
  auto spec = spec_of({{"clean", "select * from customers"}, {"kpis", "select * from clean"}});
  spec.sources[0].checks = {{.name = "r", .rule = check::References{"id", "orders", "id"}}};
  spec.transforms[0].checks = {{.name = "s", .rule = check::Sql{"select 1 from clean join kpis using (id)"}},
                               {.name = "t", .rule = check::References{"id", "kpis", "id"}}};
  const auto graph = build_graph(spec, toy_references);
  ASSERT_TRUE(graph) << graph.error().to_string();
  EXPECT_EQ(graph->sources.at(0).check_reads.at(0).name, "orders");
  const auto& reads = graph->find("clean")->check_reads;
  ASSERT_EQ(reads.size(), 1U);
  EXPECT_EQ(reads[0].name, "kpis");
}

TEST(Graph, NamesCirclesInFull) {
  const auto spec = spec_of({{"start", "select * from a"},
                             {"a", "select * from b"},
                             {"b", "select * from c"},
                             {"c", "select * from customers join a using (id)"}});
  const auto graph = build_graph(spec, toy_references);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().message(), "models read each other in a circle: a → b → c → a");
}

TEST(Graph, FindsAllUnknownNames) {
  const auto spec = spec_of({{"a", "select * from custmers join x.orders using (id)"}, {"b", "select frm"}});
  ErrorList errors;
  EXPECT_FALSE(build_graph(spec, toy_references, errors));
  EXPECT_EQ(errors.size(), 3U);
}

}  // namespace
}  // namespace mainstem::pipeline
