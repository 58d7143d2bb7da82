#include "connectors/duckdb/options.h"

namespace mainstem::connectors::duckdb {

using config::Fields;
using config::Node;

const Fields<ConnectionOptions>& connection_fields() {
  using O = ConnectionOptions;
  static const auto fields =
      Fields<O>()
          .required("path", &O::path, "The database file. A target creates it when first written.",
                    {.examples = {"warehouse.duckdb"}})
          .optional(
              "access", &O::access,
              "auto: sources share the file with other readers, unless the same run writes it; targets have it alone. "
              "read-write: sources have it alone, too. read-only: never written.")
          .optional("memory", &O::memory,
                    "Most memory for DuckDB's buffers on this file. Default: a quarter of the run's memory.");
  return fields;
}

const Fields<SourceOptions>& source_fields() {
  using O = SourceOptions;
  static const auto fields =
      Fields<O>()
          .optional("table", &O::table, "Table or view to read.", {.examples = {"main.customers"}})
          .optional("query", &O::query, "SELECT to read instead of a table.",
                    {.examples = {"select id, name from customers where active"}});
  return fields;
}

const Fields<TargetOptions>& target_fields() {
  using O = TargetOptions;
  static const auto fields =
      Fields<O>()
          .optional("table", &O::table, "Table to write.", {.examples = {"mart.customers"}})
          .optional("new_columns", &O::new_columns, "Columns that the table lacks: add them, or stop with an error.");
  return fields;
}

Result<SourceOptions> read_source(const Node& node) {
  MS_ASSIGN(auto options, source_fields().read(node));
  if (!options.table.empty() && !options.query.empty())
    return Error(ErrorCode::invalid_config, "a source takes 'table' or 'query', not both").at(node.position());
  return options;
}

Result<connector::Address> read_url(const connector::Url& url) {
  // As with sqlite, the slash behind an empty host only parts the two; duckdb://dir/file is forgiven.
  const bool parted = url.host.empty() && url.path.starts_with('/');
  const auto path = parted ? url.path.substr(1) : url.host + url.path;
  if (path.empty())
    return Error(ErrorCode::invalid_config, "a duckdb URL needs the path of a file")
        .hint(
            "write duckdb:///dwh.duckdb#table for a path from here, duckdb:////data/dwh.duckdb#table for one from the "
            "root");
  connector::Address address;
  address.connection = Node::map({{"path", Node::scalar(path)}});
  for (const auto& [name, value] : url.query) address.connection.set(name, Node::scalar(value));
  address.table = url.fragment;
  return address;
}

}  // namespace mainstem::connectors::duckdb
