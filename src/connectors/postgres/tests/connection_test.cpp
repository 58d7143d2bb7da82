#include "connectors/postgres/connection.h"

#include "connectors/postgres/tests/server.h"

namespace mainstem::connectors::postgres {
namespace {

class ConnectionTest : public PostgresTest {
 protected:
  ErrorCode code_of_open() {
    const auto opened = Connection::open(context, options);
    if (opened) return ErrorCode::internal;
    EXPECT_EQ(opened.error().to_string().find("secret"), std::string::npos);
    EXPECT_FALSE(opened.error().hint().empty()) << opened.error().to_string();
    return opened.error().code();
  }
};

TEST_F(ConnectionTest, FailuresHaveTheirCodes) {
  const auto good = options;
  options.password = Secret("secret");
  EXPECT_EQ(code_of_open(), ErrorCode::unauthenticated);
  options = good;
  options.user = "nobody_here";
  EXPECT_EQ(code_of_open(), ErrorCode::unauthenticated);
  options = good;
  options.database = "no_such_database";
  EXPECT_EQ(code_of_open(), ErrorCode::not_found);
  options = good;
  options.port = 1;
  EXPECT_EQ(code_of_open(), ErrorCode::unavailable);
  options = good;
  options.host = "/nowhere";
  EXPECT_EQ(code_of_open(), ErrorCode::unavailable);
}

TEST_F(ConnectionTest, TlsModes) {
  const char* ca = std::getenv("MAINSTEM_TEST_POSTGRES_CA");
  if (ca == nullptr) GTEST_SKIP() << "MAINSTEM_TEST_POSTGRES_CA is not set";
  options.database = "tlsonly";
  options.tls.mode = TlsMode::disable;
  EXPECT_EQ(code_of_open(), ErrorCode::unauthenticated);
  options.tls.mode = TlsMode::verify_full;
  options.tls.ca = ca;
  auto opened = Connection::open(context, options);
  ASSERT_TRUE(opened) << opened.error().to_string();
  EXPECT_TRUE((*opened)->encrypted());
  // A certificate that is no authority of this server's.
  options.tls.ca = std::getenv("MAINSTEM_TEST_POSTGRES_CLIENT_CERT");
  EXPECT_EQ(code_of_open(), ErrorCode::unavailable);
  options.tls.ca = ca;
  options.user = "certuser";
  options.password = Secret();
  options.tls.cert = std::getenv("MAINSTEM_TEST_POSTGRES_CLIENT_CERT");
  options.tls.key = std::getenv("MAINSTEM_TEST_POSTGRES_CLIENT_KEY");
  opened = Connection::open(context, options);
  ASSERT_TRUE(opened) << opened.error().to_string();
}

TEST_F(ConnectionTest, SessionsAreSetUpAlike) {
  EXPECT_EQ(value("SHOW search_path"), "\"\"");
  EXPECT_EQ(value("SHOW client_encoding"), "UTF8");
  EXPECT_EQ(value("SHOW application_name"), "mainstem");
  EXPECT_EQ(value("SHOW standard_conforming_strings"), "on");
  EXPECT_EQ(value("SELECT '2024-01-01 12:00+02'::timestamptz"), "2024-01-01 10:00:00+00");
}

TEST_F(ConnectionTest, ASecondStatementInAQueryIsRefused) {
  const auto rows = server->query(context, "SELECT 1; SELECT 2");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code(), ErrorCode::invalid_config);
  EXPECT_TRUE(server->idle());
}

TEST(ServerPlaceTest, NamesNoSecrets) {
  ConnectionOptions options;
  options.host = "dwh";
  options.port = 5433;
  options.database = "mart";
  const auto place = server_place(options);
  EXPECT_EQ(place.host, "dwh");
  EXPECT_EQ(place.port, "5433");
  EXPECT_EQ(place.database, "mart");
}

}  // namespace
}  // namespace mainstem::connectors::postgres
