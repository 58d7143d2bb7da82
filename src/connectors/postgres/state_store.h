#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/postgres/connection.h"

namespace mainstem::connectors::postgres {

/// Cursors as a run found them when it began, so that a commit notices that another run has moved them since.
/// Thread-safe.
class SeenState {
 public:
  /// `run_ids` of the records found for a pipeline's target, by source.
  void remember(const std::string& pipeline, const std::string& target, std::map<std::string, std::string> run_ids);
  /// The run that had published the record when it was looked at ("" = none had); nothing if it was not looked at.
  std::optional<std::string> run_of(const connector::StateRecord& record) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>> targets_;
};

/// The state schema seen through one session.
class StateStore {
 public:
  /// All references outlive the store.
  StateStore(Context& context, Connection& connection, const std::string& schema)
      : context_(context), connection_(connection), schema_(schema) {}

  /// Makes the schema and its table where they are missing. Errors: permission_denied with the statement that an
  /// administrator can run instead.
  Result<void> prepare();
  /// As `prepare`, without touching anything.
  Result<void> check();

  /// The records of a pipeline's target that were published into `table`.
  Result<connector::StateRecords> read(const std::string& pipeline, const std::string& target,
                                       const connector::TableRef& table);
  /// Writes a record, in the transaction that is open. Errors: conflict if another run has written since `seen`.
  Result<void> write(const connector::StateRecord& record, const connector::TableRef& table, const SeenState& seen);

  /// Staging tables whose sessions are gone.
  Result<std::vector<connector::Orphan>> find_orphans();
  /// Leaves it alone if its session lives after all.
  Result<void> remove_orphan(const connector::Orphan& orphan);

 private:
  struct Standing;
  Result<Standing> standing();
  Error not_allowed(const Standing& found) const;
  std::string table() const;

  Context& context_;
  Connection& connection_;
  const std::string& schema_;
};

}  // namespace mainstem::connectors::postgres
