// How a run's death is noticed: while a run is going on, its process holds a lock on a file of the run's own, and the
// kernel lets go of it however the process ends. A run that stands as "running" without the lock was interrupted.
// Process ids would mislead after a restart, or where containers share the folder.

#include "state/ledger.h"

#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <set>

#include "io/file_lock.h"
#include "sqlite/database.h"
#include "sqlite/transaction.h"
#include "state/folder.h"
#include "state/migrations.h"

namespace mainstem::state {
namespace {

using sqlite::Blob;
using sqlite::Statement;
using sqlite::Transaction;

constexpr std::chrono::seconds kBusyTimeout{10};
constexpr std::string_view kRunning = "running";
constexpr std::string_view kInterrupted = "interrupted";
constexpr std::string_view kRunLock = "run-";
constexpr std::string_view kPublished = "published";
constexpr std::string_view kRunColumns =
    "run_id, pipeline, environment, command, spec_hash, status, started_at, finished_at, seconds, rows_read, "
    "rows_written, rows_quarantined, error_code, error_message, result_json, published_at";
constexpr int kPublishedAt = 15;

std::string text(const Statement& row, int column) { return std::string(row.text(column)); }

RunRecord read_run(const Statement& row) {
  RunRecord run;
  run.start = {.run_id = text(row, 0),
               .pipeline = text(row, 1),
               .environment = text(row, 2),
               .started_at = text(row, 6),
               .command = text(row, 3),
               .spec_hash = text(row, 4)};
  run.end = {.run_id = text(row, 0),
             .status = text(row, 5),
             .finished_at = text(row, 7),
             .seconds = row.real(8),
             .rows_read = row.integer(9),
             .rows_written = row.integer(10),
             .rows_quarantined = row.integer(11),
             .error_code = text(row, 12),
             .error_message = text(row, 13),
             .result_json = text(row, 14)};
  return run;
}

Result<void> put_cursors(sqlite::Database& database, const PipelineKey& key, const std::vector<Cursor>& cursors) {
  MS_ASSIGN(auto put,
            database.prepare("INSERT OR REPLACE INTO cursors(pipeline, environment, source, target, position, "
                             "printable, run_id, published_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const auto& cursor : cursors) {
    MS_TRY(put.bind_all(key.pipeline, key.environment, cursor.source, cursor.target, Blob{cursor.position},
                        cursor.printable, cursor.run_id, cursor.published_at));
    MS_TRY(put.run());
  }
  return {};
}

}  // namespace

struct Ledger::State {
  State(std::string folder_given, sqlite::Database database_given)
      : folder(std::move(folder_given)), database(std::move(database_given)) {}

  std::string lock_path(const std::string& run_id) const {
    return fmt::format("{}/locks/{}{}", folder, kRunLock, file_name_of(run_id));
  }

  // A run whose lock is free is over.
  RunRecord judged(const Statement& row) const {
    auto run = read_run(row);
    if (run.end.status == kRunning && !io::is_locked(lock_path(run.start.run_id)))
      run.end.status = text(row, kPublishedAt).empty() ? kInterrupted : kPublished;
    return run;
  }

  Result<std::optional<RunRecord>> find(const std::string& run_id) {
    MS_ASSIGN(auto found, database.prepare("SELECT " + std::string(kRunColumns) + " FROM runs WHERE run_id = ?"));
    MS_TRY(found.bind(1, run_id));
    MS_ASSIGN(const bool row, found.step());
    return row ? std::optional(judged(found)) : std::nullopt;
  }

  // Writes down who was interrupted and removes the lock files of the dead. Only within a write transaction, as a lock
  // file of a run that is just beginning must not be taken for one of these.
  Result<void> settle_interrupted() {
    std::vector<std::string> dead;
    MS_ASSIGN(auto found, database.prepare("SELECT run_id FROM runs WHERE status = 'running'"));
    while (true) {
      MS_ASSIGN(const bool row, found.step());
      if (!row) break;
      if (!io::is_locked(lock_path(text(found, 0)))) dead.push_back(text(found, 0));
    }
    for (const auto& run_id : dead)
      MS_TRY(database.execute(
          "UPDATE runs SET status = CASE WHEN published_at IS NULL THEN 'interrupted' ELSE 'published' END WHERE "
          "run_id = ? AND status = 'running'",
          run_id));
    std::error_code failed;
    for (std::filesystem::directory_iterator it(folder + "/locks", failed), end; !failed && it != end;
         it.increment(failed))
      if (it->path().filename().string().starts_with(kRunLock)) io::remove_free_lock(it->path().string());
    return {};
  }

  std::mutex mutex;
  std::string folder;
  sqlite::Database database;
  std::map<std::string, io::FileLock> running;
};

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::open(const std::string& directory) {
  MS_ASSIGN(auto folder, make_state_folder(directory));
  const auto path = folder + "/ledger.db";
  MS_ASSIGN(auto database, sqlite::Database::open(path, {.create = true, .busy_timeout = kBusyTimeout}));
  MS_TRY_DURING(migrate(database, migrations()), "opening the ledger");
  MS_TRY_DURING(database.text("PRAGMA journal_mode = WAL"), "opening the ledger");
  // A power cut may take the last runs from the history, and cannot damage it.
  MS_TRY(database.execute_script("PRAGMA synchronous = NORMAL"));
  return Ledger(std::make_unique<State>(std::move(folder), std::move(database)));
}

Result<void> Ledger::begin_run(const RunStart& run) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto transaction, Transaction::begin(state_->database, Transaction::Kind::write));
  MS_TRY(state_->settle_interrupted());
  // Locked before it is known to anybody, so that nobody takes it for dead.
  MS_ASSIGN(auto lock, io::FileLock::try_lock(state_->lock_path(run.run_id)));
  const Error known(ErrorCode::already_exists, "there is already a run " + run.run_id);
  if (!lock) return known;
  MS_ASSIGN(
      const int64_t added,
      state_->database.execute("INSERT OR IGNORE INTO runs(run_id, pipeline, environment, command, spec_hash, "
                               "status, started_at) VALUES (?, ?, ?, ?, ?, 'running', ?)",
                               run.run_id, run.pipeline, run.environment, run.command, run.spec_hash, run.started_at));
  if (added == 0) {
    lock->remove_file();
    return known;
  }
  MS_TRY(transaction.commit());
  state_->running.emplace(run.run_id, *std::move(lock));
  return {};
}

Result<void> Ledger::finish_run(const RunEnd& run) {
  const std::lock_guard guard(state_->mutex);
  const auto optional = [](const std::string& value) {
    return value.empty() ? std::nullopt : std::optional<std::string>(value);
  };
  MS_ASSIGN(
      const int64_t changed,
      state_->database.execute(
          "UPDATE runs SET status = ?, finished_at = ?, seconds = ?, rows_read = ?, rows_written = ?, "
          "rows_quarantined = ?, error_code = ?, error_message = ?, result_json = ? WHERE run_id = ? AND status = "
          "'running'",
          run.status, run.finished_at, run.seconds, run.rows_read, run.rows_written, run.rows_quarantined,
          optional(run.error_code), optional(run.error_message), optional(run.result_json), run.run_id));
  if (changed == 0) return Error(ErrorCode::not_found, "no run " + run.run_id + " is running");
  if (const auto held = state_->running.find(run.run_id); held != state_->running.end()) {
    held->second.remove_file();
    state_->running.erase(held);
  }
  return {};
}

Result<void> Ledger::mark_published(const std::string& run_id, const std::string& published_at) {
  const std::lock_guard guard(state_->mutex);
  MS_TRY(state_->database.execute(
      "UPDATE runs SET published_at = ?2, status = iif(status = 'interrupted', 'published', status) WHERE run_id = ?1 "
      "AND status IN ('running', 'interrupted')",
      run_id, published_at));
  return {};
}

Result<bool> Ledger::is_unfinished(const std::string& run_id, const std::string& spec_hash) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(const auto run, state_->find(run_id));
  const bool same_texts = run && run->start.spec_hash == spec_hash;
  const std::set<std::string_view> over_or_well{kRunning, "ok", "nothing_to_do"};
  if (!same_texts || over_or_well.contains(run->end.status)) return false;
  MS_ASSIGN(auto later, state_->database.prepare("SELECT 1 FROM runs WHERE pipeline = ? AND environment = ? AND run_id "
                                                 "> ? AND status IN ('ok', 'nothing_to_do')"));
  MS_TRY(later.bind_all(run->start.pipeline, run->start.environment, run_id));
  MS_ASSIGN(const bool made_up_for, later.step());
  return !made_up_for;
}

Result<std::vector<RunRecord>> Ledger::runs(const RunFilter& filter) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto found, state_->database.prepare(
                            "SELECT " + std::string(kRunColumns) +
                            " FROM runs WHERE (?1 = '' OR pipeline = ?1) AND (?2 IS NULL OR environment = ?2) ORDER BY "
                            "started_at DESC, run_id DESC"));
  MS_TRY(found.bind_all(filter.pipeline, filter.environment));
  std::vector<RunRecord> runs;
  while (std::ssize(runs) < filter.limit) {
    MS_ASSIGN(const bool row, found.step());
    if (!row) break;
    auto run = state_->judged(found);
    if (filter.status.empty() || run.end.status == filter.status) runs.push_back(std::move(run));
  }
  return runs;
}

Result<RunRecord> Ledger::run(const std::string& run_id) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto run, state_->find(run_id));
  if (!run) return Error(ErrorCode::not_found, "no run " + run_id).hint("`mainstem runs` lists what is known");
  return *std::move(run);
}

Result<void> Ledger::remember_cursors(const PipelineKey& pipeline, const std::vector<Cursor>& cursors) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto transaction, Transaction::begin(state_->database, Transaction::Kind::write));
  MS_TRY(put_cursors(state_->database, pipeline, cursors));
  return transaction.commit();
}

Result<void> Ledger::rebuild_cursors(const PipelineKey& pipeline, const std::vector<Cursor>& cursors) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto transaction, Transaction::begin(state_->database, Transaction::Kind::write));
  MS_TRY(state_->database.execute("DELETE FROM cursors WHERE pipeline = ? AND environment = ?", pipeline.pipeline,
                                  pipeline.environment));
  MS_TRY(put_cursors(state_->database, pipeline, cursors));
  return transaction.commit();
}

Result<std::vector<Cursor>> Ledger::cursors(const PipelineKey& pipeline) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto found, state_->database.prepare("SELECT source, target, position, printable, run_id, published_at "
                                                 "FROM cursors WHERE pipeline = ? AND environment = ? ORDER BY "
                                                 "source, target"));
  MS_TRY(found.bind_all(pipeline.pipeline, pipeline.environment));
  std::vector<Cursor> cursors;
  while (true) {
    MS_ASSIGN(const bool row, found.step());
    if (!row) return cursors;
    cursors.push_back({.source = text(found, 0),
                       .target = text(found, 1),
                       .position = std::string(found.blob(2)),
                       .printable = text(found, 3),
                       .run_id = text(found, 4),
                       .published_at = text(found, 5)});
  }
}

Result<bool> Ledger::remember_schema(const SchemaVersion& version) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto transaction, Transaction::begin(state_->database, Transaction::Kind::write));
  MS_ASSIGN(const int64_t added,
            state_->database.execute(
                "INSERT INTO source_schemas(pipeline, environment, source, version, schema_json, run_id, seen_at) "
                "SELECT ?1, ?2, ?3, coalesce(last.version, 0) + 1, ?4, ?5, ?6 FROM (SELECT 1) LEFT JOIN (SELECT * FROM "
                "source_schemas WHERE pipeline = ?1 AND environment = ?2 AND source = ?3 ORDER BY version DESC LIMIT "
                "1) AS last WHERE last.schema_json IS NOT ?4",
                version.pipeline.pipeline, version.pipeline.environment, version.source, version.schema_json,
                version.run_id, version.seen_at));
  MS_TRY(transaction.commit());
  return added > 0;
}

Result<std::optional<SchemaVersion>> Ledger::schema(const PipelineKey& pipeline, const std::string& source) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto found,
            state_->database.prepare("SELECT schema_json, run_id, seen_at FROM source_schemas WHERE pipeline = ? AND "
                                     "environment = ? AND source = ? ORDER BY version DESC LIMIT 1"));
  MS_TRY(found.bind_all(pipeline.pipeline, pipeline.environment, source));
  MS_ASSIGN(const bool row, found.step());
  if (!row) return std::optional<SchemaVersion>();
  return std::optional(SchemaVersion{.pipeline = pipeline,
                                     .source = source,
                                     .schema_json = text(found, 0),
                                     .run_id = text(found, 1),
                                     .seen_at = text(found, 2)});
}

Result<Secret> Ledger::key() {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto found, state_->database.prepare("SELECT bytes FROM key"));
  MS_ASSIGN(const bool row, found.step());
  if (!row) return Error(ErrorCode::invalid_data, "the ledger has lost its key");
  return Secret(std::string(found.blob(0)));
}

Result<void> Ledger::add_audit(const AuditEntry& entry) {
  const std::lock_guard guard(state_->mutex);
  MS_TRY(state_->database.execute("INSERT INTO audit(at, who, what, details) VALUES (?, ?, ?, ?)", entry.at, entry.who,
                                  entry.what, entry.details));
  return {};
}

Result<std::vector<AuditEntry>> Ledger::audit(int64_t limit) {
  const std::lock_guard guard(state_->mutex);
  MS_ASSIGN(auto found, state_->database.prepare("SELECT at, who, what, details FROM audit ORDER BY id DESC LIMIT ?"));
  MS_TRY(found.bind(1, limit));
  std::vector<AuditEntry> entries;
  while (true) {
    MS_ASSIGN(const bool row, found.step());
    if (!row) return entries;
    entries.push_back({.at = text(found, 0), .who = text(found, 1), .what = text(found, 2), .details = text(found, 3)});
  }
}

}  // namespace mainstem::state
