#include "connector/declaration.h"
#include "connectors/duckdb/options.h"
#include "connectors/duckdb/sink.h"
#include "connectors/duckdb/source.h"

namespace mainstem::connectors::duckdb {
namespace {

Result<File> read_connection(const config::Node& node) {
  MS_ASSIGN(auto options, connection_fields().read(node));
  return File(std::move(options));
}
Result<TargetOptions> read_target(const config::Node& node) { return target_fields().read(node); }

constexpr const char* kNotes = R"(
- One process has a file open for writing at a time; several may read it while nobody writes.
- A run that reads and writes the same file needs `access: read-write` on the connection.
- Tables are staged in the file itself (`_mainstem_stage:...`) and published in one transaction together with the
  cursors, which stand in `_mainstem.state`. What a killed run leaves is removed by the next one.
- Loading a table takes memory that `--memory` does not bound: each thread compresses a group of 122,880 rows at a time.
  Rows of 700 bytes took half a gigabyte with two threads, 430 MB with `--threads 1`.
- `replace` gives the loaded table the target's name: views and indexes stay; constraints, defaults and comments of the
  former table do not.
- HUGEINT is read as decimal(38,0), and a value of 39 digits stops the run; ARRAY is read as a list, UNION as a JSON
  object whose only member names the alternative, ENUM, UUID, BIT and other types without an Arrow form as text.
)";

}  // namespace

connector::ConnectorSpec declare() {
  connector::ConnectorSpec spec;
  spec.name = "duckdb";
  spec.title = "DuckDB";
  spec.summary = "Tables in a DuckDB database file.";
  spec.schemes = {"duckdb"};
  spec.file_extensions = {"duckdb", "ddb"};
  spec.capabilities = connector::transactional_database();
  spec.connection_options = connection_fields().shared_table();
  spec.source_options = source_fields().shared_table();
  spec.target_options = target_fields().shared_table();
  spec.notes = kNotes;
  spec.examples = {"warehouse:\n  type: duckdb\n  path: warehouse.duckdb\n"};
  spec.check_connection = connector::checked_by(read_connection);
  spec.check_source = connector::checked_by(read_source);
  spec.check_target = connector::checked_by(read_target);
  spec.read_url = read_url;
  spec.make_source = connector::made_by<connector::Source>(read_connection, make_source);
  spec.make_sink = connector::made_by<connector::Sink>(read_connection, make_sink);
  return spec;
}

}  // namespace mainstem::connectors::duckdb
