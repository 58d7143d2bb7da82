#include "connectors/postgres/options.h"

#include <charconv>
#include <fmt/format.h>

namespace mainstem::connectors::postgres {
namespace {

using config::Fields;
using config::Node;

const Fields<TlsOptions>& tls_fields() {
  static const auto kFields =
      Fields<TlsOptions>()
          .optional("mode", &TlsOptions::mode,
                    "How much the connection must be protected. Default: PGSSLMODE, or verify-full if `ca` is given.")
          .optional("ca", &TlsOptions::ca,
                    "File with the certificate authority that must have signed the server's "
                    "certificate.")
          .optional("cert", &TlsOptions::cert, "File with the client certificate.")
          .optional("key", &TlsOptions::key, "File with the private key of `cert`.");
  return kFields;
}

// Query parameters of libpq's URLs and the options they are here.
struct UrlParameter {
  std::string_view name;
  std::string_view group;
  std::string_view option;
};
constexpr std::array<UrlParameter, 9> kUrlParameters{{{"host", "", "host"},
                                                      {"port", "", "port"},
                                                      {"user", "", "user"},
                                                      {"dbname", "", "database"},
                                                      {"application_name", "", "application_name"},
                                                      {"sslmode", "tls", "mode"},
                                                      {"sslrootcert", "tls", "ca"},
                                                      {"sslcert", "tls", "cert"},
                                                      {"sslkey", "tls", "key"}}};

Result<void> set_parameter(Node& connection, const std::string& name, const std::string& value) {
  if (name == "connect_timeout") {
    connection.set(name, Node::scalar(value + "s"));
    return {};
  }
  if (name == "password") {
    connection.set(name, Node::scalar(value));
    return {};
  }
  for (const auto& parameter : kUrlParameters) {
    if (parameter.name != name) continue;
    if (parameter.group.empty()) {
      connection.set(std::string(parameter.option), Node::scalar(value));
      return {};
    }
    const std::string group(parameter.group);
    Node nested = connection.find(group) == nullptr ? Node() : connection.take(group);
    nested.set(std::string(parameter.option), Node::scalar(value));
    connection.set(group, std::move(nested));
    return {};
  }
  std::vector<std::string> known{"connect_timeout", "password"};
  for (const auto& parameter : kUrlParameters) known.emplace_back(parameter.name);
  const auto near = config::nearest(name, known);
  return Error(ErrorCode::invalid_config, "unknown parameter in a postgres URL: '" + name + "'")
      .hint(near ? "did you mean '" + *near + "'?" : fmt::format("known are {}", fmt::join(known, ", ")));
}

void set_if(Node& node, const std::string& key, const std::string& value) {
  if (!value.empty()) node.set(key, Node::scalar(value));
}

}  // namespace

Result<NumericForm> parse_numeric_form(std::string_view text) {
  if (text == "text") return NumericForm{};
  NumericForm form{.text = false};
  std::string_view rest = text;
  const auto number = [&rest](int& value) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc()) return false;
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    return true;
  };
  const bool read = rest.starts_with("decimal(") && (rest.remove_prefix(8), number(form.precision)) &&
                    rest.starts_with(',') && (rest.remove_prefix(rest.starts_with(", ") ? 2 : 1), number(form.scale)) &&
                    rest == ")";
  if (!read || form.precision < 1 || form.precision > 38 || form.scale < 0 || form.scale > form.precision)
    return Error(ErrorCode::invalid_config, "not a form of numeric: '" + std::string(text) + "'")
        .hint("write text, or decimal(precision,scale) with a precision of at most 38");
  return form;
}

const Fields<ConnectionOptions>& connection_fields() {
  using O = ConnectionOptions;
  static const auto kFields =
      Fields<O>()
          .optional("host", &O::host,
                    "Host name or address, or the folder of the server's socket. Default: PGHOST, or "
                    "the local socket.",
                    {.examples = {"dwh.internal", "/var/run/postgresql"}})
          .optional("port", &O::port, "Port; 0 = PGPORT, or 5432.", {.min = 0, .max = 65535})
          .optional("database", &O::database, "Database. Default: PGDATABASE, or the user's name.")
          .optional("user", &O::user, "User. Default: PGUSER, or the system's user name.")
          .optional("password", &O::password, "Password. Default: PGPASSWORD, or ~/.pgpass.")
          .table("tls", &O::tls, tls_fields(), "Encryption of the connection.")
          .optional("connect_timeout", &O::connect_timeout, "How long to wait for a connection.")
          .optional("statement_timeout", &O::statement_timeout,
                    "The server stops a statement that runs longer; 0s = as the server is set.")
          .optional("application_name", &O::application_name, "What pg_stat_activity shows.")
          .optional("connections", &O::connections,
                    "Most connections that read or load one table at a time, beside the one that holds its snapshot or "
                    "locks; 0 = one per thread.",
                    {.min = 0, .max = 256})
          .optional("state_schema", &O::state_schema,
                    "Schema for staging tables, cursors and quarantine; created when first needed.");
  return kFields;
}

const Fields<SourceOptions>& source_fields() {
  using O = SourceOptions;
  static const auto kFields =
      Fields<O>()
          .optional("table", &O::table, "Table or view to read.", {.examples = {"public.customers"}})
          .optional("query", &O::query, "SELECT to read instead of a table; read over one connection.",
                    {.examples = {"select id, name from customers where active"}})
          .optional("split", &O::split,
                    "auto: large tables are read in parts of their pages (ctid), all under one "
                    "snapshot; none: over one connection.")
          .optional("numeric", &O::numeric,
                    "Form of numeric columns that declare no precision, or more than 38 digits: text (exact), or "
                    "decimal(p,s); values that do not fit exactly are rejected.",
                    {.examples = {"decimal(38,9)"}})
          .optional(
              "infinity", &O::infinity,
              "Rows with an infinite date or timestamp: reject them, read null, clamp to the years 1 and 9999, or "
              "keep infinity for targets that know it, as DuckDB and PostgreSQL do; others refuse it.")
          .optional("arrays", &O::arrays,
                    "list: arrays of one dimension become lists, others are rejected; text: all "
                    "become the server's text form.");
  return kFields;
}

const Fields<TargetOptions>& target_fields() {
  using O = TargetOptions;
  static const auto kFields =
      Fields<O>()
          .optional("table", &O::table, "Table to write.", {.examples = {"mart.customers"}})
          .optional("replace", &O::replace,
                    "How mode replace makes the new rows visible: swap (the loaded table takes the name), truncate or "
                    "delete (then insert). auto: swap if nothing would get lost by it, else truncate, or delete where "
                    "foreign keys point at the table.")
          .optional("new_columns", &O::new_columns, "Columns that the table lacks: add them, or stop with an error.")
          .optional("unlogged", &O::unlogged, "Create new tables UNLOGGED: faster, emptied by a crash of the server.")
          .optional("analyze", &O::analyze,
                    "Gather planner statistics before publishing; otherwise autovacuum does "
                    "within a minute or so.");
  return kFields;
}

Result<ConnectionOptions> read_connection(const Node& node) {
  MS_ASSIGN(auto options, connection_fields().read(node));
  const auto bad = [&node](std::string_view key, std::string message) {
    const Node* value = node.find(key);
    return Error(ErrorCode::invalid_config, std::move(message))
        .at(value != nullptr ? value->position() : node.position());
  };
  if (options.state_schema.empty() || options.state_schema.size() > 63 || options.state_schema.starts_with("pg_"))
    return bad("state_schema", "option 'state_schema' is not a usable schema name: '" + options.state_schema + "'");
  if (options.tls.cert.empty() != options.tls.key.empty())
    return bad("tls", "option 'tls' needs both cert and key, or neither");
  if (options.tls.mode == TlsMode::unset && !options.tls.ca.empty()) options.tls.mode = TlsMode::verify_full;
  return options;
}

Result<SourceOptions> read_source(const Node& node) {
  MS_ASSIGN(auto options, source_fields().read(node));
  if (!options.table.empty() && !options.query.empty())
    return Error(ErrorCode::invalid_config, "a source takes 'table' or 'query', not both").at(node.position());
  auto numeric = parse_numeric_form(options.numeric);
  if (!numeric) {
    const Node* value = node.find("numeric");
    return std::move(numeric).error().at(value != nullptr ? value->position() : node.position());
  }
  return options;
}

Result<TargetOptions> read_target(const Node& node) { return target_fields().read(node); }

Result<connector::Address> read_url(const connector::Url& url) {
  connector::Address address;
  auto& connection = address.connection;
  connection = Node::map({});
  set_if(connection, "host", url.host);
  set_if(connection, "port", url.port);
  set_if(connection, "user", url.user);
  set_if(connection, "password", url.password);
  const auto database = url.path.starts_with('/') ? url.path.substr(1) : url.path;
  if (database.find('/') != std::string::npos)
    return Error(ErrorCode::invalid_config, "a postgres URL has one path part, the database: '" + database + "'")
        .hint("name the table behind '#': postgres://host/database#schema.table");
  set_if(connection, "database", database);
  for (const auto& [name, value] : url.query) MS_TRY(set_parameter(connection, name, value));
  address.table = url.fragment;
  return address;
}

}  // namespace mainstem::connectors::postgres
