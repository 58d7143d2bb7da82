#include "connectors/sqlite/options.h"

namespace mainstem::connectors::sqlite {

using config::Fields;
using config::Node;

const Fields<ConnectionOptions>& connection_fields() {
  using O = ConnectionOptions;
  static const auto fields =
      Fields<O>()
          .required("path", &O::path, "File of the database. A target makes it if it is not there.",
                    {.examples = {"data/shop.db"}})
          .optional("busy_timeout", &O::busy_timeout,
                    "How long to wait while another program holds the database locked.");
  return fields;
}

const Fields<SourceOptions>& source_fields() {
  using O = SourceOptions;
  static const auto fields = Fields<O>()
                                 .optional("table", &O::table, "Table or view to read.", {.examples = {"orders"}})
                                 .optional("query", &O::query, "SELECT to read instead of a table; read by one thread.",
                                           {.examples = {"select id, name from customers where active"}});
  return fields;
}

const Fields<TargetOptions>& target_fields() {
  using O = TargetOptions;
  static const auto fields =
      Fields<O>()
          .optional("table", &O::table, "Table to write.", {.examples = {"orders"}})
          .optional("new_columns", &O::new_columns, "Columns that the table lacks: add them, or stop with an error.");
  return fields;
}

Result<ConnectionOptions> read_connection(const Node& node) {
  MS_ASSIGN(auto options, connection_fields().read(node));
  if (!options.path.empty() && options.path.find('\0') == std::string::npos) return options;
  const Node* path = node.find("path");
  return Error(ErrorCode::invalid_config, "option 'path' is not a usable path")
      .at(path != nullptr ? path->position() : node.position());
}

Result<SourceOptions> read_source(const Node& node) {
  MS_ASSIGN(auto options, source_fields().read(node));
  if (!options.table.empty() && !options.query.empty())
    return Error(ErrorCode::invalid_config, "a source takes 'table' or 'query', not both").at(node.position());
  return options;
}

Result<TargetOptions> read_target(const Node& node) { return target_fields().read(node); }

Result<connector::Address> read_url(const connector::Url& url) {
  const auto bad = [](std::string message) {
    return Error(ErrorCode::invalid_config, std::move(message))
        .hint(
            "write sqlite:///shop.db#table for a path from here, sqlite:////data/shop.db#table for one from the root");
  };
  if (!url.host.empty() || !url.user.empty() || !url.port.empty())
    return bad("a sqlite URL has no host: '" + url.host + "'");
  const auto path = url.path.starts_with('/') ? url.path.substr(1) : url.path;
  if (path.empty()) return bad("a sqlite URL needs the path of a file");
  connector::Address address;
  address.connection = Node::map({});
  address.connection.set("path", Node::scalar(path, {}, true));
  for (const auto& [name, value] : url.query) {
    if (name != "busy_timeout") return bad("a sqlite URL has no parameter '" + name + "'");
    address.connection.set(name, Node::scalar(value));
  }
  address.table = url.fragment;
  return address;
}

Result<std::string> table_name(const std::string& requested, const std::string& option) {
  const auto& text = requested.empty() ? option : requested;
  if (text.empty()) return Error(ErrorCode::invalid_config, "no table is named").hint("give option 'table'");
  MS_ASSIGN(const auto reference, connector::parse_table_ref(text));
  if (reference.schema.empty() || reference.schema == "main") return reference.name;
  return Error(ErrorCode::invalid_config, "a SQLite file has only the schema main: '" + text + "'")
      .hint("write the table's name alone, in double quotes if it holds a dot");
}

}  // namespace mainstem::connectors::sqlite
