#include "connectors/postgres/errors.h"

#include <gtest/gtest.h>

namespace mainstem::connectors::postgres {
namespace {

TEST(ErrorsTest, StatesHaveTheirCodes) {
  const std::vector<std::pair<std::string, ErrorCode>> cases{{"28P01", ErrorCode::unauthenticated},
                                                             {"42P01", ErrorCode::not_found},
                                                             {"42501", ErrorCode::permission_denied},
                                                             {"40P01", ErrorCode::conflict},
                                                             {"53300", ErrorCode::unavailable},
                                                             {"57014", ErrorCode::timeout},
                                                             {"22003", ErrorCode::invalid_data},
                                                             {"23505", ErrorCode::invalid_data},
                                                             {"53100", ErrorCode::resource_exhausted},
                                                             {"2BP01", ErrorCode::conflict},
                                                             {"99999", ErrorCode::internal}};
  for (const auto& [state, code] : cases) {
    const auto error = to_error({.sqlstate = state, .message = "m"});
    EXPECT_EQ(error.code(), code) << state;
    EXPECT_EQ(sqlstate_of(error), state);
  }
}

TEST(ErrorsTest, TheServersOwnWordsAreKept) {
  const auto error = to_error({.sqlstate = "22P02",
                               .message = "invalid input",
                               .detail = "because",
                               .hint = "do this",
                               .context = "COPY t, line 3, column id\nmore"});
  EXPECT_EQ(error.message(), "PostgreSQL says: invalid input (because) [COPY t, line 3, column id] [SQLSTATE 22P02]");
  EXPECT_EQ(error.hint(), "do this");
}

TEST(ErrorsTest, ConnectionErrors) {
  EXPECT_EQ(connection_error("connection to server at \"x\" failed: FATAL:  28P01: no").code(),
            ErrorCode::unauthenticated);
  EXPECT_EQ(connection_error("FATAL:  57P01: terminating connection\nSSL connection closed").code(),
            ErrorCode::unavailable);
  EXPECT_EQ(connection_error("could not connect: Connection refused\n").code(), ErrorCode::unavailable);
  EXPECT_EQ(connection_error("fe_sendauth: no password supplied").code(), ErrorCode::unauthenticated);
  EXPECT_EQ(sqlstate_of(connection_error("gone")), "");
}

}  // namespace
}  // namespace mainstem::connectors::postgres
