#include "connectors/postgres/state_store.h"

#include <fmt/format.h>

#include "connectors/postgres/errors.h"
#include "connectors/postgres/staging.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::Orphan;
using connector::quote_identifier;
using connector::quote_literal;
using connector::quote_table;
using connector::StateRecord;
using connector::StateRecords;
using connector::TableRef;

constexpr std::string_view kStateTable = "state";

std::string hex(std::string_view bytes) {
  std::string text = "\\x";
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// The server's text of a bytea.
std::string from_hex(std::string_view text) {
  std::string bytes;
  for (size_t i = 2; i + 1 < text.size(); i += 2) bytes += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  return bytes;
}

}  // namespace

std::string StateStore::table() const { return quote_table({.schema = schema_, .name = std::string(kStateTable)}); }

void SeenState::remember(const std::string& pipeline, const std::string& target,
                         std::map<std::string, std::string> run_ids) {
  const std::lock_guard lock(mutex_);
  targets_[{pipeline, target}] = std::move(run_ids);
}

std::optional<std::string> SeenState::run_of(const StateRecord& record) const {
  const std::lock_guard lock(mutex_);
  const auto target = targets_.find({record.pipeline, record.target});
  if (target == targets_.end()) return std::nullopt;
  const auto run = target->second.find(record.source);
  return run == target->second.end() ? "" : run->second;
}

struct StateStore::Standing {
  bool schema_exists;
  bool table_exists;
  bool may;  ///< make what is missing, use what is there
  std::string user;
};

Result<StateStore::Standing> StateStore::standing() {
  MS_ASSIGN(const auto rows,
            connection_.query(
                context_,
                "SELECT n.oid IS NOT NULL, t.oid IS NOT NULL, CASE WHEN n.oid IS NULL THEN "
                "has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege(n.oid, 'USAGE') "
                "AND has_schema_privilege(n.oid, 'CREATE') AND (t.oid IS NULL OR has_table_privilege(t.oid, "
                "'SELECT') AND has_table_privilege(t.oid, 'INSERT') AND has_table_privilege(t.oid, 'UPDATE')) END, "
                "quote_ident(current_user) FROM (SELECT) AS one LEFT JOIN pg_namespace n ON n.nspname = $1 LEFT "
                "JOIN pg_class t ON t.relnamespace = n.oid AND t.relname = $2",
                {schema_, std::string(kStateTable)}));
  return Standing{.schema_exists = rows.truth(0, 0),
                  .table_exists = rows.truth(0, 1),
                  .may = rows.truth(0, 2),
                  .user = rows.text(0, 3)};
}

Error StateStore::not_allowed(const Standing& found) const {
  const auto name = quote_identifier(schema_);
  return Error(ErrorCode::permission_denied, "no right to keep staging tables and cursors in schema " + schema_)
      .hint(!found.schema_exists
                ? fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", name, found.user)
                : fmt::format("GRANT USAGE, CREATE ON SCHEMA {0} TO {1}; GRANT SELECT, INSERT, UPDATE ON "
                              "ALL TABLES IN SCHEMA {0} TO {1}",
                              name, found.user));
}

Result<void> StateStore::check() {
  MS_ASSIGN(const auto found, standing());
  if (found.may) return {};
  return not_allowed(found);
}

Result<void> StateStore::prepare() {
  MS_ASSIGN(const auto found, standing());
  if (!found.may) return not_allowed(found);
  if (found.table_exists) return {};
  // CREATE SCHEMA IF NOT EXISTS asks for the right to make one even where there is one.
  const auto make_schema =
      found.schema_exists ? "" : fmt::format("CREATE SCHEMA IF NOT EXISTS {};", quote_identifier(schema_));
  // IF NOT EXISTS does not help two sessions that do it at the same moment; the lock does.
  return connection_.run(
      context_,
      fmt::format(
          "BEGIN; SELECT pg_advisory_xact_lock(hashtextextended({}, 0)); {} CREATE TABLE IF NOT EXISTS {} (pipeline "
          "text NOT NULL, source text NOT NULL, target text NOT NULL, target_table text NOT NULL, position bytea NOT "
          "NULL, printable text NOT NULL, run_id text NOT NULL, published_at timestamptz NOT NULL, PRIMARY KEY "
          "(pipeline, source, target)); COMMIT",
          quote_literal("mainstem make " + schema_), make_schema, this->table()));
}

Result<StateRecords> StateStore::read(const std::string& pipeline, const std::string& target, const TableRef& table) {
  auto rows =
      connection_.query(context_,
                        fmt::format("SELECT source, position, printable, run_id, to_char(published_at AT TIME ZONE "
                                    "'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM {} WHERE pipeline = $1 AND "
                                    "target = $2 AND target_table = $3 ORDER BY 1",
                                    this->table()),
                        {pipeline, target, quote_table(table)});
  if (!rows) {
    // Nothing was ever published here.
    const auto state = sqlstate_of(rows.error());
    if (state == "42P01" || state == "3F000") return StateRecords();
    return std::move(rows).error().during("reading the cursors");
  }
  StateRecords records;
  for (int row = 0; row < rows->count(); ++row)
    records.push_back({.pipeline = pipeline,
                       .source = rows->text(row, 0),
                       .target = target,
                       .position = {.bytes = from_hex(rows->text(row, 1)), .printable = rows->text(row, 2)},
                       .run_id = rows->text(row, 3),
                       .published_at = rows->text(row, 4)});
  return records;
}

Result<void> StateStore::write(const StateRecord& record, const TableRef& table, const SeenState& seen) {
  const auto name = this->table();
  if (const auto expected = seen.run_of(record)) {
    // A row that is not there yet can be locked by nobody: without this, a run whose client was killed while the server
    // commits would not be waited for.
    MS_TRY(connection_.query(
        context_, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        {fmt::format("mainstem state {} {} {} {}", name, record.pipeline, record.source, record.target)}));
    MS_ASSIGN(
        const auto rows,
        connection_.query(context_,
                          fmt::format("SELECT run_id FROM {} WHERE pipeline = $1 AND source = $2 AND target = $3 AND "
                                      "target_table = $4 FOR UPDATE",
                                      name),
                          {record.pipeline, record.source, record.target, quote_table(table)}));
    const auto actual = rows.count() == 0 ? std::string() : rows.text(0, 0);
    if (actual != *expected)
      return Error(ErrorCode::conflict,
                   fmt::format("run {} has published {} since this run began", actual, record.target))
          .hint("run again: it will start from the newer cursor");
  }
  MS_TRY(connection_.query(
      context_,
      fmt::format("INSERT INTO {} VALUES ($1, $2, $3, $4, $5::bytea, $6, $7, $8::timestamptz) ON CONFLICT "
                  "(pipeline, source, target) DO UPDATE SET target_table = excluded.target_table, "
                  "position = excluded.position, printable = excluded.printable, run_id = "
                  "excluded.run_id, published_at = excluded.published_at",
                  name),
      {record.pipeline, record.source, record.target, quote_table(table), hex(record.position.bytes),
       record.position.printable, record.run_id, record.published_at}));
  return {};
}

Result<std::vector<Orphan>> StateStore::find_orphans() {
  // The lock of a table tells that its session lives; it is a 64-bit key, which pg_locks shows in two halves.
  MS_ASSIGN(const auto rows,
            connection_.query(
                context_,
                fmt::format(
                    "SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class c JOIN "
                    "pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r' AND "
                    "starts_with(c.relname, '{}') AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' "
                    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.objsubid "
                    "= 1 AND (l.classid::int8 << 32 | l.objid::int8) = {}) ORDER BY 1",
                    kStagePrefix, stage_lock_key("c.oid")),
                {schema_}));
  constexpr std::string_view kComment = "mainstem run ";
  std::vector<Orphan> orphans;
  for (int row = 0; row < rows.count(); ++row) {
    const auto comment = rows.text(row, 1);
    orphans.push_back(
        {.name = rows.text(row, 0), .run_id = comment.starts_with(kComment) ? comment.substr(kComment.size()) : ""});
  }
  return orphans;
}

Result<void> StateStore::remove_orphan(const Orphan& orphan) {
  if (!orphan.name.starts_with(kStagePrefix))
    return Error(ErrorCode::invalid_config, "not a staging table: '" + orphan.name + "'");
  const auto table = quote_table({.schema = schema_, .name = orphan.name});
  MS_ASSIGN(const auto free,
            connection_.query(context_,
                              fmt::format("SELECT pg_try_advisory_lock({0}), {0} FROM (SELECT to_regclass($1) "
                                          "AS stage) AS one WHERE stage IS NOT NULL",
                                          stage_lock_key("stage")),
                              {table}));
  // Gone already, or in use after all.
  if (free.count() == 0 || !free.truth(0, 0)) return {};
  MS_TRY_DURING(connection_.query(context_, "DROP TABLE IF EXISTS " + table), "removing staging table " + orphan.name);
  MS_TRY(connection_.query(context_, "SELECT pg_advisory_unlock($1::int8)", {free.text(0, 1)}));
  return {};
}

}  // namespace mainstem::connectors::postgres
