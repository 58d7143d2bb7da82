#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/sqlite/catalog.h"
#include "sqlite/database.h"

namespace mainstem::connectors::sqlite {

/// What can be known of a request from itself: names, key, types. Errors: invalid_config, unsupported.
Result<void> check_request(const connector::WriteRequest& request, const std::string& table);

/// Compares a request with the table that is there. Errors: invalid_config, with what does not fit.
Result<void> check_existing(mainstem::sqlite::Database& database, const connector::WriteRequest& request,
                            const Table& table);

/// True if the table is as we would make it, so that it can be replaced as a whole without losing a constraint or a
/// trigger of the user's.
Result<bool> is_plain(mainstem::sqlite::Database& database, const Table& table);

/// CREATE TABLE for a schema; columns that `existing` has are declared as there.
Result<std::string> create_sql(const std::string& table, const arrow::Schema& schema, const Table* existing);

/// True if an index (unique, if asked for) has just these columns; for a unique one their order does not matter.
Result<bool> has_index(mainstem::sqlite::Database& database, const Table& table,
                       const std::vector<std::string>& columns, bool unique);

/// `"a", "b"`, each with `prefix` before it.
std::string column_list(const std::vector<std::string>& names, const std::string& prefix = "");

}  // namespace mainstem::connectors::sqlite
