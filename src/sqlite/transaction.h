#pragma once

#include "base/result.h"
#include "sqlite/database.h"

namespace mainstem::sqlite {

/// A transaction that is rolled back unless it was committed. The database outlives it.
class Transaction {
 public:
  enum class Kind {
    read,   ///< takes its snapshot with the first statement
    write,  ///< takes the write lock at once, so that no later statement fails for it
  };
  /// Errors: conflict if somebody else holds the lock for longer than busy_timeout, permission_denied.
  static Result<Transaction> begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// After an error the transaction is rolled back by the destructor.
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  // null once ended
};

}  // namespace mainstem::sqlite
