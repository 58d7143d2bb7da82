#include "connectors/postgres/options.h"

#include <gtest/gtest.h>

namespace mainstem::connectors::postgres {
namespace {

using config::Node;

TEST(OptionsTest, NumericForms) {
  EXPECT_TRUE(parse_numeric_form("text")->text);
  const auto form = parse_numeric_form("decimal(38, 9)");
  ASSERT_TRUE(form);
  EXPECT_FALSE(form->text);
  EXPECT_EQ(form->precision, 38);
  EXPECT_EQ(form->scale, 9);
  for (const auto* bad :
       {"", "decimal", "decimal(39,0)", "decimal(5,6)", "decimal(5,-1)", "decimal(5,1", "decimal(5,1) ", "Text"})
    EXPECT_FALSE(parse_numeric_form(bad)) << bad;
}

TEST(OptionsTest, UrlsBecomeConnectionOptions) {
  const connector::Url url{.scheme = "postgres",
                           .user = "etl",
                           .password = "pa:ss",
                           .host = "dwh",
                           .port = "5433",
                           .path = "/mart",
                           .query = {{"sslmode", "verify-ca"}, {"sslrootcert", "/ca.pem"}, {"connect_timeout", "3"}},
                           .fragment = "public.customers"};
  const auto address = read_url(url);
  ASSERT_TRUE(address) << address.error().to_string();
  EXPECT_EQ(address->table, "public.customers");
  const auto options = read_connection(address->connection);
  ASSERT_TRUE(options) << options.error().to_string();
  EXPECT_EQ(options->host, "dwh");
  EXPECT_EQ(options->port, 5433);
  EXPECT_EQ(options->database, "mart");
  EXPECT_EQ(options->password.reveal(), "pa:ss");
  EXPECT_EQ(options->tls.mode, TlsMode::verify_ca);
  EXPECT_EQ(options->connect_timeout, std::chrono::seconds(3));

  auto wrong = url;
  wrong.query = {{"sslmod", "require"}};
  EXPECT_EQ(read_url(wrong).error().hint(), "did you mean 'sslmode'?");
  wrong = url;
  wrong.path = "/mart/customers";
  EXPECT_EQ(read_url(wrong).error().code(), ErrorCode::invalid_config);
}

TEST(OptionsTest, ContradictionsAreErrors) {
  EXPECT_FALSE(read_source(Node::map({{"table", Node::scalar("t")}, {"query", Node::scalar("select 1")}})));
  EXPECT_FALSE(read_source(Node::map({{"numeric", Node::scalar("decimal(99,1)")}})));
  EXPECT_FALSE(read_connection(Node::map({{"state_schema", Node::scalar("pg_state")}})));
  EXPECT_FALSE(read_connection(Node::map({{"tls", Node::map({{"cert", Node::scalar("c.pem")}})}})));
  const auto options = read_connection(Node::map({{"tls", Node::map({{"ca", Node::scalar("ca.pem")}})}}));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->tls.mode, TlsMode::verify_full);
}

}  // namespace
}  // namespace mainstem::connectors::postgres
