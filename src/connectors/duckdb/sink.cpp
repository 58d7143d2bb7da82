#include "connectors/duckdb/sink.h"

#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "connector/added_columns.h"
#include "connectors/duckdb/publish.h"
#include "connectors/duckdb/staging.h"
#include "connectors/duckdb/state_table.h"
#include "io/durable.h"
#include "observability/context.h"

namespace mainstem::connectors::duckdb {
namespace {

using connector::Orphan;

// Runs of this process that have staged tables. Another process cannot have any: it could not have opened the file.
class LiveRuns {
 public:
  static LiveRuns& instance() {
    static LiveRuns runs;
    return runs;
  }
  void add(const std::string& path, const std::string& run) {
    const std::lock_guard lock(mutex_);
    runs_.emplace(path, run);
  }
  void remove(const std::string& path, const std::string& run) {
    const std::lock_guard lock(mutex_);
    if (const auto it = runs_.find({path, run}); it != runs_.end()) runs_.erase(it);
  }
  bool contains(const std::string& path, const std::string& run) const {
    const std::lock_guard lock(mutex_);
    return runs_.contains({path, run});
  }

 private:
  mutable std::mutex mutex_;
  std::multiset<std::pair<std::string, std::string>> runs_;
};

Result<std::vector<connector::TableRef>> stages_in(Connection& connection) {
  MS_ASSIGN(const auto rows,
            connection.texts("SELECT schema_name, table_name, database_name FROM duckdb_tables() WHERE database_name = "
                             "current_database() AND starts_with(table_name, $1) ORDER BY ALL",
                             {kStagePrefix}));
  std::vector<connector::TableRef> tables;
  for (const auto& row : rows) tables.push_back({.schema = *row[0], .name = *row[1], .catalog = *row[2]});
  return tables;
}

Result<std::vector<Orphan>> orphans_in(Connection& connection, const std::string& path) {
  MS_ASSIGN(const auto stages, stages_in(connection));
  std::vector<Orphan> orphans;
  for (const auto& stage : stages) {
    const auto run = run_of_stage(stage.name);
    if (run && !LiveRuns::instance().contains(path, *run))
      orphans.push_back({.name = stage.to_string(), .run_id = *run});
  }
  return orphans;
}

Result<void> drop_all(Connection& connection, const std::vector<Orphan>& orphans) {
  MS_ASSIGN(const auto catalog, catalog_of(connection));
  for (const auto& orphan : orphans) {
    MS_ASSIGN(auto name, connector::parse_table_ref(orphan.name));
    // A name that is not ours may come from anywhere.
    if (!run_of_stage(name.name)) return Error(ErrorCode::invalid_config, orphan.name + " is not a staged table");
    name.catalog = catalog;
    MS_TRY(connection.execute("DROP TABLE IF EXISTS " + connector::quote_table(name)));
  }
  return {};
}

class DuckdbUnit final : public connector::PublishUnit {
 public:
  // `created`: the file was not there before.
  DuckdbUnit(Database database, std::string path, std::string run_id, bool created)
      : database_(std::move(database)), path_(std::move(path)), run_id_(std::move(run_id)), created_(created) {
    LiveRuns::instance().add(path_, run_id_);
  }
  ~DuckdbUnit() override {
    abort();
    LiveRuns::instance().remove(path_, run_id_);
  }

  Result<std::unique_ptr<connector::StagedTable>> stage(Context& context,
                                                        const connector::WriteRequest& request) override {
    MS_ASSIGN(auto staging, Staging::create(context, database_, request, stage_name(run_id_, number_++)));
    stagings_.push_back(staging);
    return make_staged_table(std::move(staging));
  }

  Result<std::vector<connector::PublishedTable>> commit(Context& context,
                                                        const connector::StateRecords& state) override {
    context.reached("sink.commit.begin");
    // A stop is looked for before; what is done to the target from here on ends by itself.
    MS_TRY(context.cancellation.check());
    MS_ASSIGN(auto connection, database_.connect());
    MS_TRY(connection.execute("BEGIN TRANSACTION"));
    std::vector<connector::PublishedTable> tables;
    for (const auto& staging : stagings_) {
      if (!staging->finished())
        return Error(ErrorCode::internal, fmt::format("{} is not finished", staging->request().name));
      auto published = publish(connection, *staging);
      if (!published) return std::move(published).error().during("publishing " + staging->request().name);
      tables.push_back(*std::move(published));
    }
    MS_TRY(write_state(connection, state));
    context.reached("sink.commit.written");
    MS_TRY(connection.execute("COMMIT"));
    stagings_.clear();
    created_ = false;
    context.reached("sink.commit.end");
    return tables;
  }

  void abort() noexcept override {
    if (stagings_.empty() && !created_) return;
    try {
      drop_stages();
      if (created_) remove_if_empty();
    } catch (const std::exception&) {
      // What stays is an orphan, which the next run removes.
    }
    stagings_.clear();
  }

 private:
  void drop_stages() {
    auto connection = database_.connect();
    if (!connection) return;
    for (const auto& staging : stagings_) {
      const auto dropped = connection->execute("DROP TABLE IF EXISTS " + connector::quote_table(staging->table()));
      if (!dropped) continue;
    }
  }

  // No other process can have opened the file as long as this one holds it.
  void remove_if_empty() {
    auto connection = database_.connect();
    if (!connection) return;
    const auto rest = connection->texts(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() UNION ALL "
        "SELECT view_name FROM duckdb_views() WHERE database_name = current_database() AND NOT internal");
    if (!rest || !rest->empty()) return;
    created_ = false;
    for (const auto* ending : {"", ".wal"}) static_cast<void>(io::remove_file(path_ + ending));
  }

  Database database_;
  std::string path_;
  std::string run_id_;
  bool created_;
  std::vector<std::shared_ptr<Staging>> stagings_;
  int number_ = 0;
};

std::vector<std::string> unfilled(const Table& existing, const TableChange& change) {
  std::vector<std::string> names;
  for (const auto& column : existing.columns)
    if (!column.has_default &&
        std::ranges::none_of(change.staged, [&](const auto& staged) { return same_name(staged.name, column.name); }))
      names.push_back(column.name);
  return names;
}

class DuckdbSink final : public connector::Sink {
 public:
  explicit DuckdbSink(File file) : file_(std::move(file)), path_(canonical(file_.path())) {
    if (file_.may_write()) intent_.emplace(path_);
  }

  Result<void> check(Context& context, const connector::WriteRequest& request) override {
    MS_ASSIGN(const auto options, target_fields().read(request.options));
    MS_ASSIGN(const auto target, target_of(request, options));
    std::optional<Table> existing;
    if (file_.exists()) {
      MS_ASSIGN(const auto database, file_.open_to_write(context));
      MS_ASSIGN(auto connection, database.connect(&context.cancellation));
      MS_ASSIGN(existing, find_table(connection, target));
    } else {
      MS_TRY(check_folder());
    }
    auto change = plan_change(request, existing, options);
    if (!change) return std::move(change).error().during("checking " + target.to_string());
    std::vector<std::string> added;
    for (const auto& column : change->added) added.push_back(column.name);
    connector::tell_added_columns(context, target.to_string(), added);
    if (existing && !change->create)
      connector::tell_unfilled_columns(context, target.to_string(), unfilled(*existing, *change));
    return {};
  }

  Result<std::unique_ptr<connector::PublishUnit>> begin(Context& context, const std::string& run_id) override {
    MS_TRY(io::create_folders(std::filesystem::path(path_).parent_path().string()));
    const bool created = !file_.exists();
    MS_ASSIGN(auto database, file_.open_to_write(context));
    MS_ASSIGN(auto connection, database.connect(&context.cancellation));
    MS_ASSIGN(const auto orphans, orphans_in(connection, path_));
    for (const auto& orphan : orphans)
      context.log.info("a staged table of a dead run is removed", {{"table", orphan.name}, {"run", orphan.run_id}});
    MS_TRY_DURING(drop_all(connection, orphans), "removing what dead runs have left");
    return std::unique_ptr<connector::PublishUnit>(
        std::make_unique<DuckdbUnit>(std::move(database), path_, run_id, created));
  }

  Result<connector::StateRecords> published_state(Context& context, const std::string& pipeline,
                                                  const std::vector<connector::WriteRequest>& requests) override {
    if (!file_.exists()) return connector::StateRecords();
    MS_ASSIGN(const auto database, file_.open_to_read(context));
    MS_ASSIGN(auto connection, database.connect(&context.cancellation));
    // State of a table that is gone would skip its rows for ever.
    std::vector<std::string> targets;
    for (const auto& request : requests) {
      MS_ASSIGN(const auto options, target_fields().read(request.options));
      MS_ASSIGN(const auto target, target_of(request, options));
      MS_ASSIGN(const auto table, find_table(connection, target));
      if (table) targets.push_back(request.name);
    }
    return read_state(connection, pipeline, targets);
  }

  Result<std::vector<Orphan>> find_orphans(Context& context) override {
    if (!file_.exists()) return std::vector<Orphan>();
    MS_ASSIGN(const auto database, file_.open_to_read(context));
    MS_ASSIGN(auto connection, database.connect(&context.cancellation));
    return orphans_in(connection, path_);
  }

  Result<void> remove_orphans(Context& context, const std::vector<Orphan>& orphans) override {
    if (orphans.empty()) return {};
    MS_ASSIGN(const auto database, file_.open_to_write(context));
    MS_ASSIGN(auto connection, database.connect(&context.cancellation));
    return drop_all(connection, orphans);
  }

  connector::QuarantinePlace quarantine_place(const connector::WriteRequest&) const override {
    return {
        .name = "_mainstem.quarantine", .table = "_mainstem.quarantine", .target_options = {}, .source_options = {}};
  }

  std::string uri(const connector::WriteRequest& request) const override {
    const auto options = target_fields().read(request.options);
    if (!options) return "duckdb:" + path_;
    const auto target = target_of(request, *options);
    return target ? fmt::format("duckdb:{}#{}", path_, target->to_string()) : "duckdb:" + path_;
  }

  std::vector<connector::Probe> probe(Context& context) override {
    connector::Probe probe{.what = "write " + file_.path(), .ok = true, .detail = "", .fix = ""};
    const auto able = file_.exists() ? able_to_write(context) : check_folder();
    if (!able) probe = {.what = probe.what, .ok = false, .detail = able.error().chain(), .fix = able.error().hint()};
    return {probe};
  }

 private:
  static Result<connector::TableRef> target_of(const connector::WriteRequest& request, const TargetOptions& options) {
    const auto& table = request.table.empty() ? options.table : request.table;
    if (table.empty())
      return Error(ErrorCode::invalid_config, fmt::format("the target {} names no table", request.name))
          .at(request.options.position());
    return resolve(table);
  }

  Result<void> able_to_write(Context& context) {
    MS_TRY(file_.open_to_write(context));
    return {};
  }

  // The folder is made when the run begins; here only that nothing stands in its way.
  Result<void> check_folder() const {
    auto nearest = std::filesystem::path(path_).parent_path();
    std::error_code error;
    while (!std::filesystem::exists(nearest, error) && nearest.has_relative_path()) nearest = nearest.parent_path();
    if (std::filesystem::is_directory(nearest, error)) return {};
    return Error(ErrorCode::already_exists,
                 fmt::format("{} is a file, so that {} cannot be made below it", nearest.string(), file_.path()))
        .hint("choose another path");
  }

  File file_;
  std::string path_;
  std::optional<WriteIntent> intent_;
};

}  // namespace

std::unique_ptr<connector::Sink> make_sink(File file) { return std::make_unique<DuckdbSink>(std::move(file)); }

}  // namespace mainstem::connectors::duckdb
