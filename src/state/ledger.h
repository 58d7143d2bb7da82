#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "state/records.h"

namespace mainstem::state {

/// A project's memory on this machine, `.mainstem/ledger.db`: its runs, the schemas its sources had, an audit log, and
/// a copy of the cursors that live in the targets. Losing it loses history, never data. Thread-safe, and several
/// processes may use one ledger. Errors of all calls: conflict (locked for longer than 10 s), resource_exhausted,
/// invalid_data (damaged), permission_denied.
class Ledger {
 public:
  /// Opens or makes the ledger below a project's directory, with a .gitignore, and upgrades an older one. Errors: also
  /// not_found (no such directory), unsupported (made by a newer program).
  static Result<Ledger> open(const std::string& directory);
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  /// Runs that this object began and that have not ended are from then on "interrupted", or "published".
  ~Ledger();

  /// Errors: also already_exists.
  Result<void> begin_run(const RunStart& run);
  /// Errors: also not_found, if no such run is running.
  Result<void> finish_run(const RunEnd& run);
  /// Writes down that all targets of a run hold its rows: should it die without an end, or have done so, it is then
  /// "published" and not "interrupted". A run that is not known, or has ended, stays as it is.
  Result<void> mark_published(const std::string& run_id, const std::string& published_at);
  /// True if that run, of the texts of this fingerprint, did not end well or died before it could say so, and no later
  /// one of its pipeline and environment has ended well.
  Result<bool> is_unfinished(const std::string& run_id, const std::string& spec_hash);
  /// Newest first.
  Result<std::vector<RunRecord>> runs(const RunFilter& filter);
  /// Errors: also not_found.
  Result<RunRecord> run(const std::string& run_id);

  /// Sets the cursors given, leaving the pipeline's others.
  Result<void> remember_cursors(const PipelineKey& pipeline, const std::vector<Cursor>& cursors);
  /// Makes the pipeline's cursors just those that its targets report.
  Result<void> rebuild_cursors(const PipelineKey& pipeline, const std::vector<Cursor>& cursors);
  /// Ordered by source, then target.
  Result<std::vector<Cursor>> cursors(const PipelineKey& pipeline);

  /// Adds a version if it differs as a text from the source's last one; true if it did, or if it is the first.
  Result<bool> remember_schema(const SchemaVersion& version);
  /// The last version; nothing if there is none.
  Result<std::optional<SchemaVersion>> schema(const PipelineKey& pipeline, const std::string& source);

  /// 32 random bytes that no other ledger has: what is written to targets with them tells nobody else anything.
  Result<Secret> key();

  Result<void> add_audit(const AuditEntry& entry);
  /// The latest entries, newest first.
  Result<std::vector<AuditEntry>> audit(int64_t limit);

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mainstem::state
