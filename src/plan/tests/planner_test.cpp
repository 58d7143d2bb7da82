#include "plan/planner.h"

#include <gmock/gmock.h>

#include "plan/tests/fixture.h"

namespace mainstem::plan {
namespace {

using check::OnFail;
using connector::Delivery;
using connector::WriteMode;
using testing::ElementsAre;
using testing::HasSubstr;

const auto kCustomers = columns({{"id", arrow::int64()}, {"Email", arrow::utf8()}, {"updated_at", arrow::date32()}});
const auto kOrders = columns({{"order_id", arrow::int64()}, {"customer_id", arrow::int64()}});

check::Check checked(check::Rule rule, OnFail on_fail = OnFail::block) {
  auto name = check::default_name(rule);
  return {.name = std::move(name),
          .rule = std::move(rule),
          .on_fail = on_fail,
          .position = {.file = "shop.yaml", .line = 25, .column = 9}};
}

void expect_refused(World& world, ErrorCode code, const std::string& words, int line) {
  const auto plan = world.plan();
  ASSERT_FALSE(plan) << "must be refused: " << words;
  EXPECT_EQ(plan.error().code(), code);
  EXPECT_THAT(plan.error().to_string(), HasSubstr(words));
  ASSERT_TRUE(plan.error().position());
  EXPECT_EQ(plan.error().position()->line, line);
}

TEST(Planner, ASourceThatIsItsTargetIsCopiedWithoutTheEngine) {
  World world;
  world.source("customers", kCustomers, 1000);
  world.target("Customers", "mart.customers");
  const auto plan = must(world.plan());
  EXPECT_THAT(outline(plan), ElementsAre("open customers", "copy mart.customers", "verify mart.customers", "budget",
                                         "quarantine dwh", "publish dwh", "record"));
  const auto target = all_of<StageTarget>(plan).front();
  EXPECT_EQ(target.model, "customers");
  EXPECT_EQ(target.request.schema, kCustomers);
  EXPECT_EQ(target.estimated_rows, 1000);
}

TEST(Planner, RowsStreamThroughModelsThatAreReadOnce) {
  World world;
  world.source("customers", kCustomers);
  world.model("clean", "select 1", {{"customers", 1}}, kCustomers);
  world.model("best", "select 2", {{"clean", 1}}, kCustomers);
  world.target("best", "mart.best");
  EXPECT_THAT(outline(must(world.plan())),
              ElementsAre("open customers", "stream customers", "view clean", "view best", "fill mart.best",
                          "verify mart.best", "budget", "quarantine dwh", "publish dwh", "record"));
}

TEST(Planner, WhatIsReadTwiceIsKept) {
  World world;
  world.source("customers", kCustomers);
  world.model("pairs", "select 1", {{"customers", 2}}, kCustomers);
  world.target("pairs", "a");
  world.target("pairs", "b");
  const auto plan = must(world.plan());
  EXPECT_THAT(outline(plan), ElementsAre("open customers", "land customers", "compute pairs", "fill a", "verify a",
                                         "fill b", "verify b", "budget", "quarantine dwh", "publish dwh", "record"));
  EXPECT_EQ(all_of<Land>(plan).front().why, "kept as a table: read 2 times, by model pairs (2 times)");
  EXPECT_EQ(all_of<Transform>(plan).front().why, "kept as a table: read 2 times, by target a, target b");
}

TEST(Planner, WhatNoTargetNeedsIsNotRead) {
  World world;
  world.source("customers", kCustomers);
  world.source("orders", kOrders);
  world.source("idle", kOrders);
  world.model("unused", "select 1", {{"idle", 1}}, kOrders);
  world.model("clean", "select 2", {{"customers", 1}}, kCustomers).checks = {
      checked(check::References{"id", "orders", "customer_id"})};
  world.target("clean", "mart.clean");
  const auto plan = must(world.plan());
  EXPECT_THAT(needed_sources(world.spec, must(world.graph())), ElementsAre("customers", "orders"));
  EXPECT_THAT(outline(plan),
              ElementsAre("open customers", "open orders", "stream customers", "land orders", "view clean",
                          "fill mart.clean", "verify mart.clean", "budget", "quarantine dwh", "publish dwh", "record"));
}

TEST(Planner, SourcesWithMasksOrChecksReadTheirStreamUnderAnInnerName) {
  World world;
  world.source("customers", kCustomers).checks = {checked(check::NotNull{{"id"}}, OnFail::quarantine)};
  world.mask("customers", "email");
  world.target("customers", "mart.customers");
  const auto plan = must(world.plan());
  const auto transform = all_of<Transform>(plan).at(0);
  EXPECT_EQ(transform.sql, "select * from \"_mainstem_customers_stream\"");
  EXPECT_FALSE(transform.landed);
  ASSERT_EQ(transform.masks.size(), 1U);
  EXPECT_EQ(transform.masks[0].column, "Email") << "spelled as the source does";
  EXPECT_EQ(transform.row_checks.size(), 1U);
  EXPECT_FALSE(all_of<StageTarget>(plan).front().direct);
  EXPECT_TRUE(all_of<OpenSource>(plan).front().hide_records);
}

TEST(Planner, AMaskedColumnIsTextForItsReaders) {
  World world;
  world.source("customers", kCustomers);
  world.mask("customers", "updated_at");
  world.target("customers", "mart.customers");
  const auto plan = must(world.plan());
  EXPECT_TRUE(
      all_of<StageTarget>(plan).front().request.schema->GetFieldByName("updated_at")->type()->Equals(arrow::utf8()));
}

TEST(Planner, RowChecksAreJudgedBeforeAModelReadsTheRows) {
  World world;
  world.source("customers", kCustomers).checks = {checked(check::NotNull{{"id"}}, OnFail::quarantine)};
  world.model("clean", "select 1", {{"customers", 1}}, kCustomers);
  world.target("clean", "mart.clean");
  const auto plan = must(world.plan());
  EXPECT_THAT(outline(plan), testing::Contains("compute customers"));
  EXPECT_THAT(all_of<Transform>(plan).front().why, HasSubstr("judged by not_null(id) before model clean"));
}

TEST(Planner, SetChecksNeedATable) {
  World world;
  world.source("customers", kCustomers).checks = {checked(check::Unique{{"id"}}), checked(check::RowCount{1, {}})};
  world.target("customers", "mart.customers");
  const auto plan = must(world.plan());
  EXPECT_THAT(outline(plan), ElementsAre("open customers", "land customers", "check customers", "fill mart.customers",
                                         "verify mart.customers", "budget", "quarantine dwh", "publish dwh", "record"));
  EXPECT_EQ(all_of<Land>(plan).front().why, "kept as a table: unique(id), row_count() need all its rows");
}

// A masked value may be the same for all rows; and only the pass over the rows can take some out.
TEST(Planner, UniqueIsJudgedWithTheRowsWhereItMustBe) {
  World world;
  world.source("customers", kCustomers).checks = {checked(check::Unique{{"id"}}, OnFail::quarantine)};
  world.source("orders", kOrders).checks = {checked(check::Unique{{"order_id"}})};
  world.mask("orders", "order_id");
  world.target("customers", "a");
  world.target("orders", "b");
  const auto plan = must(world.plan());
  EXPECT_TRUE(all_of<RunChecks>(plan).empty());
  for (const auto& transform : all_of<Transform>(plan)) EXPECT_EQ(transform.row_checks.size(), 1U) << transform.name;
}

TEST(Planner, WhatAReferenceLooksIntoComesFirst) {
  World world;
  world.source("customers", kCustomers);
  world.source("orders", kOrders);
  world.model("lines", "select 1", {{"orders", 1}}, kOrders).checks = {
      checked(check::References{"customer_id", "people", "id"}, OnFail::quarantine)};
  world.model("people", "select 2", {{"customers", 1}}, kCustomers);
  world.target("lines", "mart.lines");
  EXPECT_THAT(
      outline(must(world.plan())),
      ElementsAre("open customers", "open orders", "stream customers", "stream orders", "compute people", "view lines",
                  "fill mart.lines", "verify mart.lines", "budget", "quarantine dwh", "publish dwh", "record"));
}

TEST(Planner, AReferenceToWhatIsMadeFromTheModelIsJudgedLater) {
  World world;
  world.source("orders", kOrders).checks = {checked(check::References{"order_id", "lines", "order_id"})};
  world.model("lines", "select 1", {{"orders", 1}}, kOrders);
  world.target("lines", "mart.lines");
  EXPECT_THAT(outline(must(world.plan())),
              ElementsAre("open orders", "land orders", "compute lines", "check orders", "fill mart.lines",
                          "verify mart.lines", "budget", "quarantine dwh", "publish dwh", "record"));
  world.spec.sources[0].checks[0].on_fail = OnFail::quarantine;
  expect_refused(world, ErrorCode::invalid_config, "'lines' itself depends on 'orders'", 25);
}

TEST(Planner, ClearValuesBeforeAMaskNeverGoToQuarantine) {
  World world;
  world.source("customers", kCustomers).checks = {checked(check::NotNull{{"id"}}, OnFail::quarantine)};
  world.model("clean", "select 1", {{"customers", 1}}, kCustomers).checks = {
      checked(check::NotNull{{"id"}}, OnFail::quarantine)};
  world.mask("clean", "email");
  world.target("clean", "mart.clean");
  const auto plan = must(world.plan());
  EXPECT_TRUE(all_of<OpenSource>(plan)[0].hide_records);
  EXPECT_TRUE(all_of<Transform>(plan)[0].hide_records);
  EXPECT_FALSE(all_of<Transform>(plan)[1].hide_records) << "its own record is masked";
}

TEST(Planner, ChecksMustFitTheirColumns) {
  const std::vector<std::pair<check::Rule, std::string>> misfits{
      {check::NotNull{{"Emal"}}, "did you mean 'Email'?"},
      {check::Range{"email", "0", {}}, "does not fit column 'Email' of type text"},
      {check::Range{"id", "many", {}}, "'many' is not a number"},
      {check::Range{"updated_at", "5", {}}, "as a date"},
      {check::Freshness{"id", std::chrono::hours(1)}, "freshness needs a date"},
      {check::Range{"id", {}, "nan"}, "'nan' is not a number"},
      {check::Range{"updated_at", {}, "nonsense"}, "'nonsense' can be no value of it"},
      {check::AcceptedValues{"updated_at", {"2026-01-31", "nonsense"}}, "'nonsense' can be no value of it"},
      {check::Matches{"id", ".*"}, "matches needs text"},
      {check::Matches{"email", "nonsense"}, "has no regular expression: the engine's reason"},
      {check::Length{"id", 1, {}}, "length needs text"},
      {check::References{"id", "orders", "idd"}, "'orders' has no column 'idd'"},
      {check::References{"email", "orders", "order_id"}, "compares 'Email' of type text with 'orders.order_id'"},
  };
  for (const auto& [rule, words] : misfits) {
    World world;
    world.source("customers", kCustomers).checks = {checked(rule)};
    world.source("orders", kOrders);
    world.target("customers", "mart.customers");
    expect_refused(world, ErrorCode::invalid_config, words, 25);
  }
}

TEST(Planner, ASetCheckCannotQuarantine) {
  World world;
  world.source("customers", kCustomers).checks = {checked(check::RowCount{1, {}}, OnFail::quarantine)};
  world.target("customers", "mart.customers");
  expect_refused(world, ErrorCode::invalid_config, "cannot quarantine", 25);
}

TEST(Planner, ErrorsInSqlStandInTheUsersFile) {
  World world;
  world.source("customers", kCustomers);
  world.model("clean", "select idd from customers", {{"customers", 1}}, nullptr);
  world.analyzer.errors.emplace(
      "select idd from customers",
      Error(ErrorCode::invalid_config, "no column idd").at({.file = "", .line = 1, .column = 8}));
  world.target("clean", "mart.clean");
  expect_refused(world, ErrorCode::invalid_config, "planning clean: no column idd", 20);
}

TEST(Planner, ErrorsInCheckSqlStandAtTheCheck) {
  World world;
  world.source("customers", kCustomers).checks = {checked(check::Sql{"select nonsense"})};
  world.analyzer.errors.emplace("select nonsense",
                                Error(ErrorCode::invalid_config, "no column").at({.file = "", .line = 1, .column = 8}));
  world.target("customers", "mart.customers");
  expect_refused(world, ErrorCode::invalid_config, "no column", 25);
}

TEST(Planner, ModelsHaveDistinctColumns) {
  World world;
  world.source("customers", kCustomers);
  world.model("clean", "select 1", {{"customers", 1}}, columns({{"id", arrow::int64()}, {"ID", arrow::int64()}}));
  world.target("clean", "mart.clean");
  expect_refused(world, ErrorCode::invalid_config, "two columns named 'ID'", 20);
}

TEST(Planner, ColumnsOfTargetsAndMasksMustExist) {
  World world;
  world.source("customers", kCustomers);
  auto& target = world.target("customers", "mart.customers");
  target.mode = WriteMode::merge;
  target.key = {"idd"};
  expect_refused(world, ErrorCode::invalid_config, "did you mean 'id'?", 40);
  target.key = {"ID"};
  target.indexes = {{"email", "updatedat"}};
  expect_refused(world, ErrorCode::invalid_config, "did you mean 'updated_at'?", 40);
  target.indexes = {{"email"}};
  EXPECT_THAT(all_of<StageTarget>(must(world.plan()))[0].request.key, ElementsAre("id"));
  world.mask("customers", "mail");
  expect_refused(world, ErrorCode::invalid_config, "has no column 'mail'", 30);
}

TEST(Planner, MergeAndPartitionNeedTheirColumns) {
  World world;
  world.source("customers", kCustomers);
  auto& target = world.target("customers", "mart.customers");
  target.mode = WriteMode::merge;
  expect_refused(world, ErrorCode::invalid_config, "merge needs a key", 40);
  target.mode = WriteMode::partition;
  expect_refused(world, ErrorCode::invalid_config, "there are none", 40);
}

TEST(Planner, WeakDeliveryNeedsTheUsersWord) {
  World world;
  world.source("customers", kCustomers);
  world.target("customers", "mart.customers").mode = WriteMode::append;
  world.delivery = Delivery::idempotent;
  expect_refused(world, ErrorCode::unsupported, "may get rows twice", 40);
  world.accept_weaker_delivery = true;
  EXPECT_TRUE(world.plan());
  world.accept_weaker_delivery = false;
  world.spec.targets[0].mode = WriteMode::replace;
  EXPECT_TRUE(world.plan()) << "to replace again changes nothing";
  world.delivery = Delivery::at_least_once;
  expect_refused(world, ErrorCode::unsupported, "at_least_once", 40);
  world.delivery.reset();
  expect_refused(world, ErrorCode::unsupported, "cannot be written in mode 'replace'", 40);
}

TEST(Planner, AnIncrementNeverReplacesWhatIsThere) {
  World world;
  world.source("customers", kCustomers);
  world.incremental("customers", "updated_at");
  auto& target = world.target("customers", "mart.customers");
  expect_refused(world, ErrorCode::invalid_config, "would hold only what is new", 40);
  target.mode = WriteMode::partition;
  target.partition_by = {"id"};
  expect_refused(world, ErrorCode::invalid_config, "would lose rows", 40);
  target.partition_by = {"id", "UPDATED_AT"};
  EXPECT_TRUE(world.plan());
  target.mode = WriteMode::append;
  EXPECT_TRUE(world.plan());
  world.incremental("customers", "updated_at", "1d");
  expect_refused(world, ErrorCode::invalid_config, "would hold rows twice", 40);
}

TEST(Planner, OneCursorForSeveralUnitsNeedsModesThatTakeRowsTwice) {
  World world;
  world.source("customers", kCustomers);
  world.incremental("customers", "updated_at");
  world.target("customers", "a").mode = WriteMode::append;
  auto& second = world.target("customers", "b", "lake");
  second.mode = WriteMode::append;
  expect_refused(world, ErrorCode::unsupported, "stopped between two steps", 40);
  second.to = "dwh";
  EXPECT_TRUE(world.plan()) << "one transaction";
  world.group_publish = false;
  expect_refused(world, ErrorCode::unsupported, "stopped between two steps", 40);
}

// Of all sources and for the whole unit, as it is published, or not, in one step.
TEST(Planner, WhatIsReadInFullToBeAppendedIsKept) {
  World world;
  world.source("customers", kCustomers);
  world.source("orders", kOrders);
  world.target("customers", "a");
  world.target("orders", "b", "lake").mode = WriteMode::append;
  auto groups = all_of<PublishGroup>(must(world.plan()));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_TRUE(groups[0].full_reads.empty()) << "replaced by each run";
  ASSERT_EQ(groups[1].full_reads.size(), 2U);
  EXPECT_EQ(groups[1].full_reads[0], "customers");
  EXPECT_EQ(groups[1].full_reads[1], "orders");
  EXPECT_EQ(groups[1].targets, std::vector<std::string>{"b"});
  world.target("orders", "c").mode = WriteMode::append;
  const auto both = all_of<PublishGroup>(must(world.plan()))[0];
  EXPECT_EQ(both.full_reads.size(), 2U);
  EXPECT_EQ(both.targets.size(), 2U);
}

TEST(Planner, EachTargetKeepsTheCursorsItDependsOn) {
  World world;
  world.source("customers", kCustomers);
  world.source("orders", kOrders);
  world.incremental("customers", "updated_at");
  world.model("clean", "select 1", {{"customers", 1}}, kCustomers);
  for (const auto* to : {"dwh", "lake"}) {
    auto& target = world.target("clean", "clean", to);
    target.mode = WriteMode::merge;
    target.key = {"id"};
  }
  world.target("orders", "c", "cold");
  const auto groups = all_of<PublishGroup>(must(world.plan()));
  ASSERT_EQ(groups.size(), 3U);
  for (const size_t i : {size_t{0}, size_t{1}}) {
    ASSERT_EQ(groups[i].cursors.size(), 1U);
    EXPECT_EQ(groups[i].cursors[0].source, "customers");
    EXPECT_EQ(groups[i].cursors[0].target, groups[i].targets[0]);
  }
  EXPECT_TRUE(groups[2].cursors.empty());
}

TEST(Planner, PublishedSeparatelyEachTargetIsAUnitOfItsOwn) {
  World world;
  world.source("customers", kCustomers);
  world.target("customers", "a");
  world.target("customers", "b");
  EXPECT_EQ(all_of<PublishGroup>(must(world.plan())).size(), 1U);
  world.spec.publish = pipeline::Publish::separately;
  const auto plan = must(world.plan());
  const auto groups = all_of<PublishGroup>(plan);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_NE(groups[0].unit, groups[1].unit);
  EXPECT_EQ(all_of<StageTarget>(plan)[1].unit, groups[1].unit);
  EXPECT_EQ(all_of<StageQuarantine>(plan).front().unit, groups[0].unit);
}

TEST(Planner, TargetsOfOneNameInTwoConnectionsAreToldApart) {
  World world;
  world.source("customers", kCustomers);
  world.target("customers", "t");
  world.target("customers", "t", "lake");
  const auto targets = all_of<StageTarget>(must(world.plan()));
  EXPECT_EQ(targets[0].name, "dwh:t");
  EXPECT_EQ(targets[1].request.name, "lake:t");
  world.spec.targets[1].to = "dwh";
  expect_refused(world, ErrorCode::invalid_config, "is written twice", 40);
}

TEST(Planner, TheRunFiltersWhatTheSourceCannot) {
  World world;
  world.source("customers", kCustomers);
  world.incremental("customers", "updated_at");
  world.target("customers", "a").mode = WriteMode::append;
  EXPECT_TRUE(all_of<OpenSource>(must(world.plan()))[0].run_filters_cursor);
  world.facts[0].filters_cursor = true;
  EXPECT_FALSE(all_of<OpenSource>(must(world.plan()))[0].run_filters_cursor);
  world.facts[0].filters_cursor = false;
  world.incremental("customers", "updatedat");
  expect_refused(world, ErrorCode::invalid_config, "did you mean 'updated_at'?", 10);
}

TEST(Planner, AContractIsHeld) {
  World world;
  auto& source = world.source("customers", kCustomers);
  const FilePosition place{.file = "shop.yaml", .line = 12, .column = 1};
  source.contract.columns = {{.name = "id", .type = "bigint", .not_null = true, .position = place}};
  world.target("customers", "a");
  const auto plan = must(world.plan());
  EXPECT_EQ(all_of<Transform>(plan)[0].row_checks.at(0).on_fail, OnFail::quarantine);

  source.contract.new_columns = pipeline::NewColumns::fail;
  expect_refused(world, ErrorCode::invalid_data, "does not name column 'Email'", 10);
  source.contract.new_columns = pipeline::NewColumns::ignore;
  world.analyzer.schemas["select \"id\" from \"customers\""] = columns({{"id", arrow::int64()}});
  EXPECT_EQ(all_of<StageTarget>(must(world.plan()))[0].request.schema->num_fields(), 1);
  source.contract.columns[0].type = "text";
  world.analyzer.schemas["select cast(\"id\" as text) as \"id\" from \"customers\""] = columns({{"id", arrow::utf8()}});
  EXPECT_EQ(all_of<Transform>(must(world.plan()))[0].sql,
            "select cast(\"id\" as text) as \"id\" from \"_mainstem_customers_stream\"");
  source.contract.types = pipeline::TypeChanges::fail;
  expect_refused(world, ErrorCode::invalid_data, "is of type bigint, not text", 12);
  source.contract.columns[0] = {.name = "email", .type = "bigint", .position = place};
  expect_refused(world, ErrorCode::invalid_data, "is of type text, not bigint", 12);
  source.contract.columns[0] = {.name = "idd", .type = "bigint", .position = place};
  expect_refused(world, ErrorCode::invalid_config, "did you mean 'id'?", 12);
}

TEST(Planner, ASourceWithoutEndIsRefused) {
  World world;
  world.source("customers", kCustomers);
  world.facts[0].unbounded = true;
  world.target("customers", "a");
  expect_refused(world, ErrorCode::unsupported, "never ends", 10);
}

TEST(Planner, NamesMustBeKnown) {
  World world;
  world.source("customers", kCustomers);
  world.target("customer", "a");
  expect_refused(world, ErrorCode::invalid_config, "did you mean 'customers'?", 40);
  world.spec.targets.clear();
  EXPECT_FALSE(world.plan());
}

}  // namespace
}  // namespace mainstem::plan
