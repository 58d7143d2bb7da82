#include "connectors/postgres/probe.h"

#include <fmt/format.h>

#include "connector/table.h"
#include "connectors/postgres/connection.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::Probe;

// The oldest that the PostgreSQL project still looked after when this was written, and that the tests can stand for.
constexpr int kOldestVersion = 120'000;

Probe failed(std::string what, const Error& error) {
  return {.what = std::move(what), .ok = false, .detail = error.chain(), .fix = error.hint()};
}

Probe version_probe(const Connection& connection) {
  const bool ok = connection.version() >= kOldestVersion;
  return {.what = "version",
          .ok = ok,
          .detail = "PostgreSQL " + connection.parameter("server_version"),
          .fix = ok ? "" : "use PostgreSQL 12 or later"};
}

Probe encryption_probe(const Connection& connection, const ConnectionOptions& options) {
  const bool local = options.host.empty() || options.host.starts_with('/') || options.host == "localhost" ||
                     options.host == "127.0.0.1" || options.host == "::1";
  return {.what = "encryption",
          .ok = connection.encrypted() || local,
          .detail = connection.encrypted() ? "TLS" : "none",
          .fix = connection.encrypted() || local ? "" : "set tls: {mode: verify-full, ca: <file>}"};
}

Result<Probe> state_probe(Context& context, Connection& connection, const ConnectionOptions& options) {
  MS_ASSIGN(const auto rows,
            connection.query(context,
                             "SELECT CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE') "
                             "ELSE has_schema_privilege(n.oid, 'CREATE, USAGE') END, n.oid IS NOT NULL, "
                             "quote_ident(current_database()), quote_ident(current_user), pg_is_in_recovery() FROM "
                             "(SELECT) AS one LEFT JOIN pg_namespace n ON n.nspname = $1",
                             {options.state_schema}));
  const bool exists = rows.truth(0, 1);
  Probe probe{.what = "state schema " + options.state_schema,
              .ok = rows.truth(0, 0),
              .detail = exists ? "exists" : "will be created",
              .fix = ""};
  if (rows.truth(0, 4)) {
    probe.ok = false;
    probe.detail = "the server is a read-only standby";
    probe.fix = "write to the primary";
  } else if (!probe.ok) {
    const auto schema = connector::quote_identifier(options.state_schema);
    probe.detail = exists ? "exists, but may not be used" : "missing, and may not be created";
    probe.fix = exists ? fmt::format("GRANT USAGE, CREATE ON SCHEMA {} TO {}", schema, rows.text(0, 3))
                       : fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", schema, rows.text(0, 3));
  }
  return probe;
}

Result<Probe> capacity_probe(Context& context, Connection& connection) {
  MS_ASSIGN(
      const auto rows,
      connection.query(context, "SELECT current_setting('max_connections')::int - count(*) FROM pg_stat_activity"));
  const int64_t left = rows.number(0, 0);
  return Probe{.what = "connections",
               .ok = left > 2,
               .detail = fmt::format("{} left", left),
               .fix = left > 2 ? "" : "raise max_connections, or lower option connections"};
}

void add(std::vector<Probe>& probes, std::string what, Result<Probe> probe) {
  probes.push_back(probe ? *std::move(probe) : failed(std::move(what), probe.error()));
}

}  // namespace

std::vector<Probe> probe_server(Context& context, const ConnectionOptions& options, bool writing) {
  const auto place = server_place(options);
  const auto what = fmt::format("connection to {}:{}/{}", place.host, place.port, place.database);
  auto connection = Connection::open(context, options);
  if (!connection) return {failed(what, connection.error())};
  std::vector<Probe> probes{{.what = what, .ok = true, .detail = "made", .fix = ""}};
  probes.push_back(version_probe(**connection));
  probes.push_back(encryption_probe(**connection, options));
  add(probes, "connections", capacity_probe(context, **connection));
  if (writing) add(probes, "state schema", state_probe(context, **connection, options));
  return probes;
}

}  // namespace mainstem::connectors::postgres
