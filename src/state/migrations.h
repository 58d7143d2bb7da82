#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "sqlite/database.h"

namespace mainstem::state {

/// One numbered step of the ledger's tables. Steps are never changed once released, only added.
struct Migration {
  int number;
  const char* sql;
};

/// All steps, numbered 1, 2, ...
std::span<const Migration> migrations();

/// Brings a ledger up to the last of `steps`, in one transaction; a file that is there is left alone. The number lives
/// in PRAGMA user_version. Errors: unsupported if the file is of a newer program, invalid_data if it is no ledger.
Result<void> migrate(sqlite::Database& database, std::span<const Migration> steps);

}  // namespace mainstem::state
