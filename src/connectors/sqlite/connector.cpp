#include "connector/declaration.h"
#include "connectors/sqlite/options.h"
#include "connectors/sqlite/sink.h"
#include "connectors/sqlite/source.h"

namespace mainstem::connectors::sqlite {
connector::ConnectorSpec declare();
namespace {

constexpr const char* kNotes =
    R"(SQLite does not bind a column's values to its declared type. A value that does not fit it
(text in an `INTEGER` column, a date that is none) is rejected with its row id; declare another type for the column to
read it. Columns that declare nothing, or a name that is unknown, are looked at once in full: whole numbers become
int64, numbers float64, blobs binary, all others text. `DECIMAL(p,s)`, `DATE`, `TIME`, `TIMESTAMP`, `DATETIME` (ISO 8601
texts) and `BOOLEAN` (0 and 1) are read as what they say.

Targets write decimals of more than 15 digits as `DECIMAL_TEXT(p,s)` and unsigned 64-bit numbers as `UNSIGNED64_TEXT`,
since SQLite would round them otherwise; times with a zone are kept in UTC; nested values are JSON texts. NaN cannot be
stored. Staging tables (`_mainstem_stage_...`), cursors (`_mainstem_state`) and `_mainstem_quarantine` live in the same
file. Foreign keys are not enforced, which is SQLite's default.

All parts of a read see one state of the file. While a file that is not in WAL mode is read, its writers wait.)";

template <class Side>
std::unique_ptr<Side> make(ConnectionOptions options) {
  return std::make_unique<Side>(std::move(options));
}

}  // namespace

connector::ConnectorSpec declare() {
  return {.name = "sqlite",
          .title = "SQLite",
          .summary = "Tables, views and queries of a SQLite database file.",
          .schemes = {"sqlite"},
          .file_extensions = {"sqlite", "sqlite3", "db"},
          .capabilities = connector::transactional_database(),
          .connection_options = connection_fields().shared_table(),
          .source_options = source_fields().shared_table(),
          .target_options = target_fields().shared_table(),
          .notes = kNotes,
          .examples = {"shop: {type: sqlite, path: data/shop.db}"},
          .check_connection = connector::checked_by(read_connection),
          .check_source = connector::checked_by(read_source),
          .check_target = connector::checked_by(read_target),
          .read_url = read_url,
          .make_source = connector::made_by<connector::Source>(read_connection, make<SqliteSource>),
          .make_sink = connector::made_by<connector::Sink>(read_connection, make<SqliteSink>),
          .make_change_source = {}};
}

}  // namespace mainstem::connectors::sqlite
