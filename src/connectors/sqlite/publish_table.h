#pragma once

#include <string>

#include "connector/sink.h"
#include "sqlite/database.h"

namespace mainstem::connectors::sqlite {

/// A staging table on its way into its target.
struct StageEntry {
  connector::WriteRequest request;
  std::string target;  ///< table
  std::string stage;   ///< table
  int64_t rows = 0;    ///< counted by the database when finished
  bool finished = false;
};

/// Moves a finished staging table into its target within the running transaction; the staging table is gone afterwards.
/// Errors: invalid_config if the target has changed since it was checked, invalid_data if a constraint of it is broken.
Result<connector::PublishedTable> publish_table(mainstem::sqlite::Database& database, const StageEntry& entry);

}  // namespace mainstem::connectors::sqlite
