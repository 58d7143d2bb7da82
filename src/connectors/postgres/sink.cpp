#include "connectors/postgres/sink.h"

#include <fmt/format.h>

#include "connector/added_columns.h"
#include "connectors/postgres/probe.h"
#include "connectors/postgres/publish_unit.h"
#include "observability/context.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::quote_table;
using connector::StateRecords;
using connector::WriteMode;
using connector::WriteRequest;

std::vector<std::string> unfilled(const WritePlan& plan) {
  std::vector<std::string> names;
  for (const auto& column : plan.existing->columns)
    if (!column.has_default && !column.generated &&
        std::ranges::find(plan.columns, column.name, &WriteColumn::name) == plan.columns.end())
      names.push_back(column.name);
  return names;
}

class PostgresSink final : public connector::Sink {
 public:
  explicit PostgresSink(ConnectionOptions options) : options_(std::move(options)) {}

  Result<void> check(Context& context, const WriteRequest& request) override {
    MS_ASSIGN(auto connection, take(context));
    MS_ASSIGN(const auto plan, plan_write(context, *connection, request));
    if (plan.existing && request.mode != WriteMode::replace) {
      std::vector<std::string> added;
      for (const auto& column : plan.columns)
        if (column.is_new) added.push_back(column.name);
      connector::tell_added_columns(context, plan.target.to_string(), added);
    }
    if (plan.existing) connector::tell_unfilled_columns(context, plan.target.to_string(), unfilled(plan));
    MS_TRY(StateStore(context, *connection, options_.state_schema).check());
    give_back(std::move(connection));
    return {};
  }

  Result<std::unique_ptr<connector::PublishUnit>> begin(Context& context, const std::string& run_id) override {
    MS_ASSIGN(auto connection, take(context));
    MS_TRY_DURING(StateStore(context, *connection, options_.state_schema).prepare(),
                  "preparing schema " + options_.state_schema);
    MS_TRY_DURING(remove_leftovers(context, *connection), "looking for what dead runs have left");
    return std::unique_ptr<connector::PublishUnit>(
        std::make_unique<PostgresUnit>(options_, std::move(connection), run_id, seen_));
  }

  Result<StateRecords> published_state(Context& context, const std::string& pipeline,
                                       const std::vector<WriteRequest>& requests) override {
    MS_ASSIGN(auto connection, take(context));
    StateStore store(context, *connection, options_.state_schema);
    StateRecords all;
    for (const auto& request : requests) {
      MS_ASSIGN(const auto named, named_table(request));
      MS_ASSIGN(const auto table, resolve_target(context, *connection, named));
      MS_ASSIGN(auto records, store.read(pipeline, request.name, table));
      MS_ASSIGN(const auto there,
                connection->query(context, "SELECT to_regclass($1) IS NOT NULL", {quote_table(table)}));
      std::map<std::string, std::string> runs;
      for (const auto& record : records) runs[record.source] = record.run_id;
      seen_->remember(pipeline, request.name, std::move(runs));
      // Where somebody dropped the table, its rows are gone with it: everything must be loaded again.
      if (!there.truth(0, 0)) continue;
      all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
    }
    give_back(std::move(connection));
    return all;
  }

  Result<std::vector<connector::Orphan>> find_orphans(Context& context) override {
    MS_ASSIGN(auto connection, take(context));
    MS_ASSIGN(auto orphans, StateStore(context, *connection, options_.state_schema).find_orphans());
    give_back(std::move(connection));
    return orphans;
  }

  Result<void> remove_orphans(Context& context, const std::vector<connector::Orphan>& orphans) override {
    MS_ASSIGN(auto connection, take(context));
    StateStore store(context, *connection, options_.state_schema);
    for (const auto& orphan : orphans) MS_TRY(store.remove_orphan(orphan));
    give_back(std::move(connection));
    return {};
  }

  connector::QuarantinePlace quarantine_place(const WriteRequest&) const override {
    const auto table = connector::TableRef{.schema = options_.state_schema, .name = "quarantine"}.to_string();
    return {.name = table, .table = table, .target_options = {}, .source_options = {}};
  }

  std::string uri(const WriteRequest& request) const override {
    const auto place = server_place(options_);
    auto table = named_table(request);
    // The usual end of search_path; the true one is only known to the server.
    if (table && table->schema.empty()) table->schema = "public";
    return fmt::format("postgres://{}:{}/{}.{}", place.host, place.port, place.database,
                       table ? table->to_string() : request.table);
  }

  std::vector<connector::Probe> probe(Context& context) override { return probe_server(context, options_, true); }
  std::vector<std::string> grants(const WriteRequest& request) override;

 private:
  // Sessions are kept for the next call: connecting is the dearest part of a small load.
  Result<std::unique_ptr<Connection>> take(Context& context) {
    {
      const std::lock_guard lock(mutex_);
      if (idle_ != nullptr && idle_->idle()) return std::move(idle_);
    }
    return Connection::open(context, options_);
  }
  Result<void> remove_leftovers(Context& context, Connection& connection) const {
    StateStore store(context, connection, options_.state_schema);
    MS_ASSIGN(const auto orphans, store.find_orphans());
    for (const auto& orphan : orphans) {
      // It may belong to another role, whose own runs will remove it.
      const auto removed = store.remove_orphan(orphan);
      if (connection.lost()) return removed;
      context.log.info(removed ? "a staged table of a dead run is removed" : "a staged table of a dead run stays",
                       {{"table", orphan.name}, {"run", orphan.run_id}});
    }
    return {};
  }
  void give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    idle_ = std::move(connection);
  }

  const ConnectionOptions options_;
  const std::shared_ptr<SeenState> seen_ = std::make_shared<SeenState>();
  std::mutex mutex_;
  std::unique_ptr<Connection> idle_;
};

std::vector<std::string> PostgresSink::grants(const WriteRequest& request) {
  const auto named = named_table(request);
  if (!named) return {};
  const auto user = options_.user.empty() ? std::string("CURRENT_USER") : connector::quote_identifier(options_.user);
  const auto schema = named->schema.empty() ? std::string("public") : named->schema;
  const auto quoted = connector::quote_identifier(schema);
  std::string rights = "INSERT, SELECT";
  if (request.mode == WriteMode::merge) rights += ", UPDATE";
  if (request.mode == WriteMode::partition) rights += ", DELETE";
  if (request.mode == WriteMode::replace) rights += ", DELETE, TRUNCATE";
  return {fmt::format("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}",
                      connector::quote_identifier(options_.state_schema), user),
          fmt::format("GRANT USAGE, CREATE ON SCHEMA {} TO {}", quoted, user),
          fmt::format("GRANT {} ON {} TO {}", rights, connector::quote_table({.schema = schema, .name = named->name}),
                      user)};
}

}  // namespace

std::unique_ptr<connector::Sink> make_sink(ConnectionOptions options) {
  return std::make_unique<PostgresSink>(std::move(options));
}

}  // namespace mainstem::connectors::postgres
