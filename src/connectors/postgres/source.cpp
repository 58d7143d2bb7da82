#include "connectors/postgres/source.h"

#include <fmt/format.h>
#include <mutex>
#include <utility>

#include "connectors/postgres/probe.h"
#include "connectors/postgres/read_plan.h"
#include "observability/context.h"

namespace mainstem::connectors::postgres {
namespace {

using connector::Partition;
using connector::ReadRequest;

// Holds the snapshot by keeping the transaction that exported it open. A read of one part uses that connection itself,
// and keeps it afterwards.
class OpenRead final : public connector::PlannedRead {
 public:
  OpenRead(const ConnectionOptions& options, PreparedRead read, std::unique_ptr<Connection> holder)
      : options_(options), read_(std::move(read)) {
    if (read_.plan.partitions.size() == 1) {
      idle_.push_back(std::move(holder));
    } else {
      holder_ = std::move(holder);
    }
  }

  const connector::ReadPlan& plan() const override { return read_.plan; }

  Result<std::unique_ptr<connector::BatchReader>> open(Context& context, const Partition& partition) override {
    MS_ASSIGN(const auto bounds, partition_bounds(partition));
    MS_ASSIGN(auto connection, take(context));
    const auto sql = "COPY (" + read_.sql.statement(bounds) + ") TO STDOUT (FORMAT binary)";
    MS_ASSIGN(auto reader, CopyReader::start(context, std::move(connection), read_.shape, sql,
                                             [this](auto used) { give_back(std::move(used)); }));
    return std::unique_ptr<connector::BatchReader>(std::move(reader));
  }

 private:
  Result<std::unique_ptr<Connection>> take(Context& context) {
    {
      const std::lock_guard lock(mutex_);
      ++opened_;
      if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
    }
    MS_ASSIGN(auto connection, Connection::open(context, options_));
    MS_TRY_DURING(begin_reading(context, *connection, read_.plan.snapshot), "joining the snapshot");
    if (read_.sql.user_text) MS_TRY(connection->run(context, "SET LOCAL search_path TO DEFAULT"));
    return connection;
  }

  void give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    // No part is left that would want it; the run may go on for long.
    if (opened_ >= read_.plan.partitions.size() && holder_ != nullptr) return;
    idle_.push_back(std::move(connection));
  }

  const ConnectionOptions options_;
  PreparedRead read_;
  std::unique_ptr<Connection> holder_;
  std::mutex mutex_;
  size_t opened_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

class PostgresSource final : public connector::Source {
 public:
  explicit PostgresSource(ConnectionOptions options) : options_(std::move(options)) {}

  Result<std::vector<connector::TableInfo>> discover(Context& context, const std::string& pattern) override {
    MS_ASSIGN(const auto connection, Connection::open(context, options_));
    return list_tables(context, *connection, pattern, options_.state_schema);
  }

  Result<std::unique_ptr<connector::PlannedRead>> plan_read(Context& context, const ReadRequest& request) override {
    MS_ASSIGN(auto connection, Connection::open(context, options_));
    MS_TRY_DURING(begin_reading(context, *connection, request.snapshot), "opening a snapshot");
    MS_ASSIGN(auto read, prepare_read(context, *connection, request, options_));
    MS_ASSIGN(const auto snapshot, connection->query(context, "SELECT pg_catalog.pg_export_snapshot()"));
    read.plan.snapshot = snapshot.text(0, 0);
    return std::unique_ptr<connector::PlannedRead>(
        std::make_unique<OpenRead>(options_, std::move(read), std::move(connection)));
  }

  std::vector<connector::Probe> probe(Context& context) override { return probe_server(context, options_, false); }

  std::vector<std::string> grants(const ReadRequest& request) override {
    const auto user = options_.user.empty() ? std::string("CURRENT_USER") : connector::quote_identifier(options_.user);
    const auto options = read_source(request.options);
    const auto& text = request.table.empty() && options ? options->table : request.table;
    const auto table = connector::parse_table_ref(text);
    if (!table) return {};
    const auto schema = table->schema.empty() ? std::string("public") : table->schema;
    std::string columns;
    for (const auto& name : request.columns)
      columns += (columns.empty() ? " (" : ", ") + connector::quote_identifier(name);
    if (!columns.empty()) columns += ")";
    return {fmt::format("GRANT USAGE ON SCHEMA {} TO {}", connector::quote_identifier(schema), user),
            fmt::format("GRANT SELECT{} ON {} TO {}", columns,
                        connector::quote_table({.schema = schema, .name = table->name}), user)};
  }

 private:
  const ConnectionOptions options_;
};

}  // namespace

std::unique_ptr<connector::Source> make_source(ConnectionOptions options) {
  return std::make_unique<PostgresSource>(std::move(options));
}

}  // namespace mainstem::connectors::postgres
