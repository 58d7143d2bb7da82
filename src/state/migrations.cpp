#include "state/migrations.h"

#include <array>
#include <fmt/format.h>

#include "sqlite/transaction.h"

namespace mainstem::state {
namespace {

// "MSTL" in the header's application id tells a ledger from any other SQLite file.
constexpr int64_t kApplicationId = 0x4d53544c;

constexpr std::array<Migration, 6> kMigrations{{
    {1, R"sql(
CREATE TABLE runs(
  run_id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, environment TEXT NOT NULL, command TEXT NOT NULL,
  spec_hash TEXT NOT NULL, status TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT, seconds REAL,
  rows_read INTEGER, rows_written INTEGER, rows_quarantined INTEGER, error_code TEXT, error_message TEXT,
  result_json TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_start ON runs(started_at);
CREATE INDEX runs_by_pipeline ON runs(pipeline, started_at);
CREATE TABLE cursors(
  pipeline TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, position BLOB NOT NULL, printable TEXT NOT NULL,
  run_id TEXT NOT NULL, published_at TEXT NOT NULL, PRIMARY KEY(pipeline, source, target)) STRICT, WITHOUT ROWID;
)sql"},
    {2, R"sql(
CREATE TABLE source_schemas(
  pipeline TEXT NOT NULL, source TEXT NOT NULL, version INTEGER NOT NULL, schema_json TEXT NOT NULL,
  run_id TEXT NOT NULL, seen_at TEXT NOT NULL, PRIMARY KEY(pipeline, source, version)) STRICT, WITHOUT ROWID;
)sql"},
    {3, R"sql(
CREATE TABLE audit(
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
  details TEXT NOT NULL) STRICT;
)sql"},
    {4, R"sql(
ALTER TABLE runs ADD COLUMN published_at TEXT;
)sql"},
    // What was remembered without an environment belongs to that of the run it is from.
    {5, R"sql(
ALTER TABLE cursors RENAME TO old_cursors;
CREATE TABLE cursors(
  pipeline TEXT NOT NULL, environment TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, position BLOB NOT NULL,
  printable TEXT NOT NULL, run_id TEXT NOT NULL, published_at TEXT NOT NULL,
  PRIMARY KEY(pipeline, environment, source, target)) STRICT, WITHOUT ROWID;
INSERT INTO cursors
  SELECT old.pipeline, coalesce(runs.environment, ''), source, target, position, printable, run_id, old.published_at
  FROM old_cursors AS old LEFT JOIN runs USING (run_id);
DROP TABLE old_cursors;
ALTER TABLE source_schemas RENAME TO old_schemas;
CREATE TABLE source_schemas(
  pipeline TEXT NOT NULL, environment TEXT NOT NULL, source TEXT NOT NULL, version INTEGER NOT NULL,
  schema_json TEXT NOT NULL, run_id TEXT NOT NULL, seen_at TEXT NOT NULL,
  PRIMARY KEY(pipeline, environment, source, version)) STRICT, WITHOUT ROWID;
INSERT INTO source_schemas
  SELECT old.pipeline, coalesce(runs.environment, ''), source, version, schema_json, run_id, seen_at
  FROM old_schemas AS old LEFT JOIN runs USING (run_id);
DROP TABLE old_schemas;
)sql"},
    {6, R"sql(
CREATE TABLE key(bytes BLOB NOT NULL) STRICT;
INSERT INTO key VALUES (randomblob(32));
)sql"},
}};

Result<void> check_owner(sqlite::Database& database, int64_t version) {
  MS_ASSIGN(const int64_t application, database.integer("PRAGMA application_id"));
  MS_ASSIGN(const int64_t tables, database.integer("SELECT count(*) FROM sqlite_schema"));
  const bool fresh = application == 0 && version == 0 && tables == 0;
  if (fresh || application == kApplicationId) return {};
  return Error(ErrorCode::invalid_data, database.path() + " is a SQLite file, but no ledger of Mainstem")
      .hint("move it away; a ledger is made by the next run");
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<void> migrate(sqlite::Database& database, std::span<const Migration> steps) {
  const int last = steps.empty() ? 0 : steps.back().number;
  // The lock is taken only where there is something to do: reading a ledger needs no right to write.
  MS_ASSIGN(int64_t version, database.integer("PRAGMA user_version"));
  MS_TRY(check_owner(database, version));
  if (version > last)
    return Error(ErrorCode::unsupported,
                 fmt::format("{} has format {}, made by a newer Mainstem; this one knows formats up to {}",
                             database.path(), version, last))
        .hint("use the newer program, or move the file away to begin an empty ledger");
  if (version == last) return {};
  MS_ASSIGN(auto transaction, sqlite::Transaction::begin(database, sqlite::Transaction::Kind::write));
  // Another process may have done it while this one waited for the lock.
  MS_ASSIGN(version, database.integer("PRAGMA user_version"));
  for (const auto& step : steps) {
    if (step.number <= version) continue;
    MS_TRY_DURING(database.execute_script(step.sql), fmt::format("upgrading the ledger to format {}", step.number));
    MS_TRY(database.execute_script(fmt::format("PRAGMA user_version = {}", step.number)));
  }
  MS_TRY(database.execute_script(fmt::format("PRAGMA application_id = {}", kApplicationId)));
  return transaction.commit();
}

}  // namespace mainstem::state
