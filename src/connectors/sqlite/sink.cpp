#include "connectors/sqlite/sink.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <unistd.h>

#include "connector/added_columns.h"
#include "connectors/sqlite/target_table.h"
#include "io/durable.h"
#include "io/file_lock.h"
#include "observability/context.h"
#include "sqlite/identifier.h"

namespace mainstem::connectors::sqlite {
namespace {

using mainstem::sqlite::Database;
using mainstem::sqlite::quote_name;

bool is_writable(const std::string& path) { return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0; }

// SQLite writes its journal beside the file, so the folder must be writable too.
Result<void> check_writable(const std::string& path) {
  std::error_code problem;
  auto nearest = std::filesystem::absolute(path, problem).parent_path();
  // A folder that is missing is made when the run begins.
  while (!std::filesystem::exists(nearest, problem) && nearest.has_relative_path()) nearest = nearest.parent_path();
  const auto folder = nearest.string();
  if (!std::filesystem::is_directory(nearest, problem))
    return Error(ErrorCode::already_exists, "not a folder: " + folder).hint("choose another path");
  const bool exists = std::filesystem::exists(path, problem);
  if (exists && !is_writable(path)) return Error(ErrorCode::permission_denied, "the file is not writable: " + path);
  if (!is_writable(folder))
    return Error(ErrorCode::permission_denied, "the folder is not writable: " + folder)
        .hint("SQLite needs to write a journal beside the database");
  return {};
}

// For reading what is there; nothing if there is no file yet.
Result<std::optional<Database>> open_existing(Context& context, const ConnectionOptions& options) {
  std::error_code problem;
  if (!std::filesystem::exists(options.path, problem)) return std::optional<Database>();
  MS_ASSIGN(auto database, Database::open(options.path, {.read_only = true,
                                                         .busy_timeout = options.busy_timeout,
                                                         .cancellation = &context.cancellation}));
  return std::optional(std::move(database));
}

Result<std::string> target_of(const connector::WriteRequest& request) {
  MS_ASSIGN(const auto options, read_target(request.options));
  return table_name(request.table, options.table);
}

// Names of the requests whose tables are there: state of a table that is gone would skip its rows for ever.
Result<std::vector<std::string>> existing_targets(Database& database,
                                                  const std::vector<connector::WriteRequest>& requests) {
  std::vector<std::string> names;
  for (const auto& request : requests) {
    MS_ASSIGN(const auto target, target_of(request));
    MS_ASSIGN(const auto table, find_table(database, target));
    if (table) names.push_back(request.name);
  }
  return names;
}

}  // namespace

std::string live_mark(const std::string& database, const std::string& run_id) {
  return database + "-mainstem-" + run_id;
}

void remove_dead_marks(const std::string& database) {
  std::error_code problem;
  const auto path = std::filesystem::absolute(database, problem);
  const auto beginning = live_mark(path.filename().string(), "");
  for (std::filesystem::directory_iterator it(path.parent_path(), problem), end; !problem && it != end;
       it.increment(problem))
    if (it->path().filename().string().starts_with(beginning)) io::remove_free_lock(it->path().string());
}

Result<void> SqliteSink::check(Context& context, const connector::WriteRequest& request) {
  MS_ASSIGN(const auto target, target_of(request));
  MS_TRY(check_request(request, target));
  MS_TRY(check_writable(options_.path));
  MS_ASSIGN(auto database, open_existing(context, options_));
  if (!database) return {};
  MS_ASSIGN(const auto table, find_table(*database, target));
  if (!table) return {};
  MS_TRY(check_existing(*database, request, *table));
  if (request.schema == nullptr || request.mode == connector::WriteMode::replace) return {};
  std::vector<std::string> added;
  for (const auto& field : request.schema->fields())
    if (table->find(field->name()) == nullptr) added.push_back(field->name());
  connector::tell_added_columns(context, table->name, added);
  std::vector<std::string> unfilled;
  const auto names = request.schema->field_names();
  for (const auto& column : table->columns)
    if (!column.has_default && column.key_position == 0 &&
        std::ranges::none_of(names, [&](const auto& name) { return equal_names(name, column.name); }))
      unfilled.push_back(column.name);
  connector::tell_unfilled_columns(context, table->name, unfilled);
  return {};
}

Result<std::unique_ptr<connector::PublishUnit>> SqliteSink::begin(Context& context, const std::string& run_id) {
  std::error_code problem;
  MS_TRY(io::create_folders(std::filesystem::absolute(options_.path, problem).parent_path().string()));
  MS_ASSIGN(const auto orphans, find_orphans(context));
  for (const auto& orphan : orphans)
    context.log.info("a staged table of a dead run is removed", {{"table", orphan.name}, {"run", orphan.run_id}});
  MS_TRY(remove_orphans(context, orphans));
  remove_dead_marks(options_.path);
  return begin_unit(context, options_, run_id);
}

Result<connector::StateRecords> SqliteSink::published_state(Context& context, const std::string& pipeline,
                                                            const std::vector<connector::WriteRequest>& requests) {
  connector::StateRecords state;
  MS_ASSIGN(auto database, open_existing(context, options_));
  if (!database) return state;
  MS_ASSIGN(const auto table, find_table(*database, std::string(kStateTable)));
  if (!table) return state;
  MS_ASSIGN(const auto targets, existing_targets(*database, requests));
  MS_ASSIGN(auto rows, database->prepare("SELECT source, target, position, printable, run_id, published_at FROM " +
                                         quote_name(kStateTable) + " WHERE pipeline = ? ORDER BY source, target"));
  MS_TRY(rows.bind(1, pipeline));
  while (true) {
    MS_ASSIGN(const bool row, rows.step());
    if (!row) return state;
    if (std::ranges::find(targets, rows.text(1)) == targets.end()) continue;
    state.push_back({.pipeline = pipeline,
                     .source = std::string(rows.text(0)),
                     .target = std::string(rows.text(1)),
                     .position = {.bytes = std::string(rows.blob(2)), .printable = std::string(rows.text(3))},
                     .run_id = std::string(rows.text(4)),
                     .published_at = std::string(rows.text(5))});
  }
}

Result<std::vector<connector::Orphan>> SqliteSink::find_orphans(Context& context) {
  std::vector<connector::Orphan> orphans;
  MS_ASSIGN(auto database, open_existing(context, options_));
  if (!database) return orphans;
  MS_ASSIGN(auto rows,
            database->prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, ?1) = ?2"));
  MS_TRY(rows.bind_all(static_cast<int64_t>(kStagePrefix.size()), kStagePrefix));
  while (true) {
    MS_ASSIGN(const bool row, rows.step());
    if (!row) return orphans;
    const std::string name(rows.text(0));
    const auto stage = name.substr(kStagePrefix.size());
    const auto run = stage.substr(0, stage.rfind('_'));
    if (!io::is_locked(live_mark(options_.path, run))) orphans.push_back({.name = name, .run_id = run});
  }
}

Result<void> SqliteSink::remove_orphans(Context& context, const std::vector<connector::Orphan>& orphans) {
  if (orphans.empty()) return {};
  MS_ASSIGN(auto database, Database::open(options_.path, {.busy_timeout = options_.busy_timeout,
                                                          .cancellation = &context.cancellation}));
  for (const auto& orphan : orphans) {
    if (!orphan.name.starts_with(kStagePrefix))
      return Error(ErrorCode::internal, "not a staging table: " + orphan.name);
    MS_TRY_DURING(database.execute_script("DROP TABLE IF EXISTS " + quote_name(orphan.name)),
                  "removing what run " + orphan.run_id + " left");
  }
  return {};
}

connector::QuarantinePlace SqliteSink::quarantine_place(const connector::WriteRequest&) const {
  const auto table = std::string(kReservedPrefix) + "quarantine";
  return {.name = table, .table = table, .target_options = {}, .source_options = {}};
}

std::string SqliteSink::uri(const connector::WriteRequest& request) const {
  std::error_code problem;
  const auto path = std::filesystem::absolute(options_.path, problem).lexically_normal().string();
  const auto target = target_of(request);
  return "sqlite:///" + path + "#" + (target ? *target : request.table);
}

std::vector<connector::Probe> SqliteSink::probe(Context&) {
  const auto writable = check_writable(options_.path);
  if (writable) return {{.what = "write " + options_.path, .ok = true, .detail = "", .fix = ""}};
  return {{.what = "write " + options_.path,
           .ok = false,
           .detail = writable.error().chain(),
           .fix = writable.error().hint()}};
}

}  // namespace mainstem::connectors::sqlite
