// Pipelines put together at random: every plan can be carried out, and the same pipeline gives the same plan.
#include <random>

#include "plan/plan_json.h"
#include "plan/tests/rehearsal.h"

namespace mainstem::plan {
namespace {

const auto kColumns = columns({{"id", arrow::int64()}, {"name", arrow::utf8()}, {"day", arrow::date32()}});

class RandomWorld {
 public:
  explicit RandomWorld(unsigned seed) : random_(seed) {
    const int sources = 1 + below(3);
    for (int i = 0; i < sources; ++i) world.source(add_name("s"), kColumns);
    const int models = below(6);
    for (int i = 0; i < models; ++i) add_model();
    for (auto& source : world.spec.sources) add_checks(source.name, source.checks);
    for (auto& model : world.spec.transforms) add_checks(model.name, model.checks);
    for (int i = below(3); i > 0; --i) world.mask(some_name(), "name");
    const int targets = 1 + below(4);
    for (int i = 0; i < targets; ++i)
      world.target(some_name(), "t" + std::to_string(i), below(3) == 0 ? "lake" : "dwh");
    if (below(3) == 0) world.spec.publish = pipeline::Publish::separately;
  }

  World world;

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  const std::string& some_name() { return names_[static_cast<size_t>(below(static_cast<int>(names_.size())))]; }
  const std::string& add_name(const std::string& prefix) {
    names_.push_back(prefix + std::to_string(names_.size()));
    return names_.back();
  }

  void add_model() {
    std::map<std::string, int> reads;
    for (int i = below(3); i >= 0; --i) ++reads[some_name()];
    const auto sql = "select model " + std::to_string(names_.size());
    world.model(add_name("m"), sql, {reads.begin(), reads.end()}, kColumns);
  }

  void add_checks(const std::string& owner, std::vector<check::Check>& checks) {
    for (int i = below(5) - 2; i > 0; --i) {
      check::Rule rule = some_rule(owner);
      const bool late = std::holds_alternative<check::References>(rule);
      const bool may_quarantine = check::names_rows(rule) && !late;
      const auto on_fail = may_quarantine && below(2) == 0 ? check::OnFail::quarantine : check::OnFail::block;
      checks.push_back(
          {.name = check::default_name(rule) + std::to_string(i), .rule = std::move(rule), .on_fail = on_fail});
    }
  }

  check::Rule some_rule(const std::string& owner) {
    switch (below(6)) {
      case 0: return check::NotNull{{"id"}};
      case 1: return check::Unique{{"id"}};
      case 2: return check::RowCount{1, {}};
      case 3: return check::References{"id", some_name(), "id"};
      case 4: return check::Range{"id", "0", {}};
      default: break;
    }
    const auto sql = "select check of " + owner;
    world.analyzer.schemas[sql] = kColumns;
    world.analyzer.reads[sql] = {{.schema = "", .name = some_name()}};
    return check::Sql{sql};
  }

  std::mt19937 random_;
  std::vector<std::string> names_;
};

TEST(PlannerProperty, EveryPlanCanBeCarriedOut) {
  int planned = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    RandomWorld random(seed);
    const auto plan = random.world.plan();
    if (!plan) continue;
    ++planned;
    Rehearsal(*plan, random.world.analyzer);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << "\n" << plan_json(*plan);
  }
  EXPECT_GT(planned, 1000) << "most of the random pipelines must make sense";
}

TEST(PlannerProperty, TheSamePipelineGivesTheSamePlan) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const auto first = RandomWorld(seed).world.plan();
    const auto second = RandomWorld(seed).world.plan();
    ASSERT_EQ(first.has_value(), second.has_value());
    if (!first) continue;
    EXPECT_EQ(plan_json(*first), plan_json(*second));
  }
}

}  // namespace
}  // namespace mainstem::plan
