#pragma once

#include "connectors/duckdb/staging.h"

namespace mainstem::connectors::duckdb {

/// Makes a staged table's rows part of its target, inside the transaction that `connection` is in.
Result<connector::PublishedTable> publish(Connection& connection, const Staging& staging);

}  // namespace mainstem::connectors::duckdb
