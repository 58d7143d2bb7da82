#pragma once

#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/duckdb/file.h"

namespace mainstem::connectors::duckdb {

/// Writes records into `_mainstem.state`, inside the transaction that `connection` is in.
Result<void> write_state(Connection& connection, const connector::StateRecords& records);

/// The records of a pipeline for the given targets.
Result<connector::StateRecords> read_state(Connection& connection, const std::string& pipeline,
                                           const std::vector<std::string>& targets);

}  // namespace mainstem::connectors::duckdb
