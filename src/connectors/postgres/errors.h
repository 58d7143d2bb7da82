#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace mainstem::connectors::postgres {

/// What the server said of a failed statement. All parts but `sqlstate` and `message` may be empty.
struct ServerError {
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  std::string context;
};

/// Error classes of PostgreSQL (appendix A of its manual) as our closed set of codes, with what to do about it.
Error to_error(const ServerError& failure);

/// The error of a connection that could not be made or was lost; `message` is libpq's, verbose, so that it holds the
/// SQLSTATE whatever language the server speaks.
Error connection_error(std::string_view message);

/// The SQLSTATE an Error made here came from; empty if it is not from a server.
std::string_view sqlstate_of(const Error& error);

}  // namespace mainstem::connectors::postgres
