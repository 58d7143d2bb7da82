#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "sqlite/database.h"

namespace mainstem::connectors::sqlite {

/// Connections to one file with open read transactions that all see the same state of it. SQLite has no call to share a
/// snapshot; but a further connection tells whether anybody has committed between two looks, and if nobody has while
/// the transactions began, they see the same. Destruction ends the transactions; what is lent must be back by then.
class Snapshot {
 public:
  /// Begins with one connection.
  static Result<std::unique_ptr<Snapshot>> begin(const std::string& path, mainstem::sqlite::OpenOptions options);

  /// The connection for planning; nothing else may be using it.
  mainstem::sqlite::Database& first() { return *connections_[0].database; }
  /// Adds connections up to `count` in all; leaves it at one if somebody has committed since the first began. Returns
  /// how many there are.
  Result<size_t> extend(size_t count);

  /// A connection on loan, for one thread at a time.
  class Loan {
   public:
    Loan(Snapshot& snapshot, size_t index) : snapshot_(&snapshot), index_(index) {}
    Loan(Loan&& other) noexcept : snapshot_(std::exchange(other.snapshot_, nullptr)), index_(other.index_) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan();
    mainstem::sqlite::Database& operator*() const { return *snapshot_->connections_[index_].database; }

   private:
    Snapshot* snapshot_;
    size_t index_;
  };
  /// Thread-safe. Errors: resource_exhausted if all are on loan.
  Result<Loan> lend();

 private:
  struct Connection {
    std::unique_ptr<mainstem::sqlite::Database> database;
    bool lent = false;
  };
  Snapshot(std::string path, const mainstem::sqlite::OpenOptions& options, mainstem::sqlite::Database watcher)
      : path_(std::move(path)), options_(options), watcher_(std::move(watcher)) {}
  Result<void> add();

  std::string path_;
  mainstem::sqlite::OpenOptions options_;
  mainstem::sqlite::Database watcher_;  // outside of any transaction
  int64_t version_ = 0;
  std::mutex mutex_;
  std::vector<Connection> connections_;
};

}  // namespace mainstem::connectors::sqlite
