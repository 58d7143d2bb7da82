#include "connector/spec.h"
#include "connectors/duckdb/options.h"
#include "connectors/duckdb/sink.h"
#include "connectors/duckdb/source.h"

namespace mainstem::connectors::duckdb {
namespace {

using connector::Delivery;
using connector::WriteMode;

connector::Capabilities capabilities() {
  connector::Capabilities can;
  can.read = true;
  can.write = true;
  can.discover = true;
  can.projection = true;
  can.predicate = true;
  can.cursor = true;
  can.parallel_read = true;
  can.consistent_snapshot = true;
  can.group_publish = true;
  for (const auto mode : {WriteMode::append, WriteMode::replace, WriteMode::merge, WriteMode::partition})
    can.writes.emplace_back(mode, Delivery::transactional);
  return can;
}

constexpr const char* kNotes = R"(
- One process has a file open for writing at a time; several may read it while nobody writes.
- A run that reads and writes the same file needs `access: read-write` on the connection.
- Tables are staged in the file itself (`_mainstem_stage:...`) and published in one transaction together with the
  cursors, which stand in `_mainstem.state`. What a killed run leaves is removed by the next one.
- `replace` gives the loaded table the target's name: views and indexes stay; constraints, defaults and comments of the
  former table do not.
- HUGEINT is read as decimal(38,0); ENUM, UUID, BIT and other types without an Arrow form as text.
)";

}  // namespace

connector::ConnectorSpec declare() {
  connector::ConnectorSpec spec;
  spec.name = "duckdb";
  spec.title = "DuckDB";
  spec.summary = "Tables in a DuckDB database file.";
  spec.schemes = {"duckdb"};
  spec.file_extensions = {"duckdb", "ddb"};
  spec.capabilities = capabilities();
  spec.connection_options = connection_fields().shared_table();
  spec.source_options = source_fields().shared_table();
  spec.target_options = target_fields().shared_table();
  spec.notes = kNotes;
  spec.examples = {"warehouse:\n  type: duckdb\n  path: warehouse.duckdb\n"};
  spec.check_connection = [](const config::Node& node) -> Result<void> {
    MS_TRY(connection_fields().read(node));
    return {};
  };
  spec.check_source = [](const config::Node& node) -> Result<void> {
    MS_TRY(read_source(node));
    return {};
  };
  spec.check_target = [](const config::Node& node) -> Result<void> {
    MS_TRY(target_fields().read(node));
    return {};
  };
  spec.read_url = read_url;
  spec.make_source = [](const config::Node& node) -> Result<std::unique_ptr<connector::Source>> {
    MS_ASSIGN(auto options, connection_fields().read(node));
    return make_source(File(std::move(options)));
  };
  spec.make_sink = [](const config::Node& node) -> Result<std::unique_ptr<connector::Sink>> {
    MS_ASSIGN(auto options, connection_fields().read(node));
    return make_sink(File(std::move(options)));
  };
  return spec;
}

}  // namespace mainstem::connectors::duckdb
