#include "connectors/sqlite/snapshot.h"

namespace mainstem::connectors::sqlite {
namespace {

using mainstem::sqlite::Database;

// https://www.sqlite.org/pragma.html#pragma_data_version: two answers of one connection differ if another connection
// has committed between.
constexpr const char* kVersion = "PRAGMA data_version";

}  // namespace

Result<std::unique_ptr<Snapshot>> Snapshot::begin(const std::string& path, mainstem::sqlite::OpenOptions options) {
  options.read_only = true;
  MS_ASSIGN(auto watcher, Database::open(path, options));
  auto snapshot = std::unique_ptr<Snapshot>(new Snapshot(path, options, std::move(watcher)));
  MS_ASSIGN(snapshot->version_, snapshot->watcher_.integer(kVersion));
  MS_TRY(snapshot->add());
  return snapshot;
}

Result<void> Snapshot::add() {
  MS_ASSIGN(auto database, Database::open(path_, options_));
  MS_TRY(database.execute("BEGIN"));
  // A transaction takes its snapshot with the first table it reads.
  MS_TRY(database.integer("SELECT count(*) FROM sqlite_schema"));
  connections_.push_back({.database = std::make_unique<Database>(std::move(database))});
  return {};
}

Result<size_t> Snapshot::extend(size_t count) {
  while (connections_.size() < count) MS_TRY(add());
  MS_ASSIGN(const int64_t version, watcher_.integer(kVersion));
  if (version != version_) connections_.resize(1);
  return connections_.size();
}

Result<Snapshot::Loan> Snapshot::lend() {
  const std::lock_guard guard(mutex_);
  for (size_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i].lent) continue;
    connections_[i].lent = true;
    return Loan(*this, i);
  }
  return Error(ErrorCode::resource_exhausted, "every connection of the snapshot is being read from");
}

Snapshot::Loan::~Loan() {
  if (snapshot_ == nullptr) return;
  const std::lock_guard guard(snapshot_->mutex_);
  snapshot_->connections_[index_].lent = false;
}

}  // namespace mainstem::connectors::sqlite
