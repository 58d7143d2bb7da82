#include <gtest/gtest.h>

#include "connector/spec.h"

namespace mainstem::connectors::postgres {

connector::ConnectorSpec declare();

namespace {

using config::Node;

TEST(ConnectorTest, PromisesTransactionsForEveryMode) {
  const auto spec = declare();
  EXPECT_EQ(spec.name, "postgres");
  EXPECT_EQ(spec.schemes, (std::vector<std::string>{"postgres", "postgresql"}));
  using connector::WriteMode;
  for (const auto mode : {WriteMode::append, WriteMode::replace, WriteMode::merge, WriteMode::partition})
    EXPECT_EQ(spec.capabilities.delivery(mode), connector::Delivery::transactional);
  EXPECT_TRUE(spec.capabilities.group_publish);
  EXPECT_FALSE(spec.capabilities.changes);
}

TEST(ConnectorTest, OptionsAreCheckedWithoutANetwork) {
  const auto spec = declare();
  const auto nowhere = Node::map({{"host", Node::scalar("nowhere.invalid")}});
  EXPECT_TRUE(spec.check_connection(nowhere));
  EXPECT_TRUE(spec.make_source(nowhere));
  EXPECT_TRUE(spec.make_sink(nowhere));
  EXPECT_EQ(spec.check_connection(Node::map({{"hots", Node::scalar("x")}})).error().hint(), "did you mean 'host'?");
  EXPECT_FALSE(spec.check_source(Node::map({{"numeric", Node::scalar("float")}})));
  EXPECT_FALSE(spec.check_target(Node::map({{"replace", Node::scalar("sometimes")}})));
}

}  // namespace
}  // namespace mainstem::connectors::postgres
