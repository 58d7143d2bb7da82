#include "connector/spec.h"
#include "connectors/postgres/options.h"
#include "connectors/postgres/source.h"

namespace mainstem::connectors::postgres {
namespace {

template <class Options>
auto checker(Result<Options> (*read)(const config::Node&)) {
  return [read](const config::Node& node) -> Result<void> {
    MS_TRY(read(node));
    return {};
  };
}

}  // namespace

connector::ConnectorSpec declare();
connector::ConnectorSpec declare() {
  connector::ConnectorSpec spec;
  spec.name = "postgres";
  spec.title = "PostgreSQL";
  spec.summary = "Tables, views and queries of a PostgreSQL database, read and written by binary COPY.";
  spec.schemes = {"postgres", "postgresql"};
  spec.capabilities = {.read = true,
                       .discover = true,
                       .projection = true,
                       .predicate = true,
                       .cursor = true,
                       .parallel_read = true,
                       .consistent_snapshot = true};
  spec.connection_options = connection_fields().shared_table();
  spec.source_options = source_fields().shared_table();
  spec.target_options = target_fields().shared_table();
  spec.check_connection = checker(&read_connection);
  spec.check_source = checker(&read_source);
  spec.check_target = checker(&read_target);
  spec.read_url = read_url;
  spec.make_source = [](const config::Node& connection) -> Result<std::unique_ptr<connector::Source>> {
    MS_ASSIGN(auto options, read_connection(connection));
    return make_source(std::move(options));
  };
  return spec;
}

}  // namespace mainstem::connectors::postgres
