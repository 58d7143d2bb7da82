#include "sqlite/transaction.h"

#include <utility>

namespace mainstem::sqlite {

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  MS_TRY(database.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // SQLite itself rolls back after some errors (disk full, out of memory); then there is nothing left to do.
  if (database_ != nullptr && !database_->autocommit()) static_cast<void>(database_->execute_script("ROLLBACK"));
}

Result<void> Transaction::commit() {
  MS_TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace mainstem::sqlite
