#include "connector/declaration.h"
#include "connectors/postgres/options.h"
#include "connectors/postgres/sink.h"
#include "connectors/postgres/source.h"

namespace mainstem::connectors::postgres {
namespace {

constexpr std::string_view kNotes = R"(
Versions 12 and later; large tables are read in parallel from 14 on. Tested with PostgreSQL 15.

Sessions hold locks, snapshots and settings, so connect to the server itself or to a pool in session mode.

**Reading.** All parts of a read see one exported snapshot, taken in a read-only transaction. Types without a place in
Arrow (inet, ranges, composites, money, bit, xml, time with time zone, arrays of several dimensions, ...) arrive as the
server's text. uuid, json and enums are text. `numeric` without a precision is text unless option `numeric` says
otherwise. A value that does not fit is a rejected row with column and code, never a changed value.

**Cursors** are compared by the server in the column's own type and collation. Rows whose cursor is null, infinite or
NaN have no place in its order: every run reads them again. Rows that are committed late, with a cursor behind the last
position, are only seen with a `lookback`.

**Writing.** Rows are copied into staging tables of the state schema and published, all tables of a connection together
with the cursors, in one transaction. Columns keep the types of an existing table; a type that could lose something
is an error before anything is read. New columns are added at the end, missing schemas are made. New tables get a
primary key from the key of mode merge.

| mode | existing table |
|---|---|
| append | INSERT |
| merge | INSERT ... ON CONFLICT if the key has a unique index; otherwise UPDATE and INSERT while other writers wait |
| partition | DELETE of the partitions that occur among the new rows, then INSERT, while other writers wait |
| replace | the staged table takes the old one's place, with indexes, keys, checks, defaults, comments and grants; where views, foreign keys, triggers or the like depend on the table, TRUNCATE and INSERT; where TRUNCATE is impossible, DELETE and INSERT |

One run at a time loads into a table; a second one ends with a conflict. Staging tables of killed runs are found by
the lock that their session no longer holds.

**Rights.** Reading: USAGE on the schema, SELECT on the table. Writing: USAGE and CREATE on the state schema (or CREATE
on the database), CREATE on the target's schema for new tables, INSERT and what the mode needs for existing ones; adding
columns or indexes and swapping need the owner's role.
)";

}  // namespace

connector::ConnectorSpec declare() {
  connector::ConnectorSpec spec;
  spec.name = "postgres";
  spec.title = "PostgreSQL";
  spec.summary = "Tables, views and queries of a PostgreSQL database, read and written by binary COPY.";
  spec.schemes = {"postgres", "postgresql"};
  spec.capabilities = connector::transactional_database();
  spec.connection_options = connection_fields().shared_table();
  spec.source_options = source_fields().shared_table();
  spec.target_options = target_fields().shared_table();
  spec.check_connection = connector::checked_by(read_connection);
  spec.check_source = connector::checked_by(read_source);
  spec.check_target = connector::checked_by(read_target);
  spec.read_url = read_url;
  spec.make_source = connector::made_by<connector::Source>(read_connection, make_source);
  spec.make_sink = connector::made_by<connector::Sink>(read_connection, make_sink);
  spec.notes = kNotes;
  spec.examples = {
      "connections:\n  crm: {type: postgres, host: crm.internal, database: crm, user: etl, password: "
      "\"${env:CRM_PASSWORD}\"}\n",
      "connections:\n  dwh:\n    type: postgres\n    host: dwh.internal\n    database: dwh\n    user: loader\n    "
      "password: "
      "\"${env:DWH_PASSWORD}\"\n    tls: {mode: verify-full, ca: /etc/ssl/dwh-ca.pem}\n    connections: 4\n"};
  return spec;
}

}  // namespace mainstem::connectors::postgres
