#include "duckdb/database.h"

#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <mutex>

#include "duckdb/connection_state.h"
#include "duckdb/identifier.h"
#include "duckdb/library.h"

namespace mainstem::duckdb {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

std::string bytes(ByteCount count) { return fmt::format("{}B", count.bytes); }

Settings settings_of(const DatabaseOptions& options) {
  Settings settings = {
      {"threads", std::to_string(std::max(1, options.threads) + 1)},  // the waiting caller counts as one
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"errors_as_json", "true"},
      {"preserve_insertion_order", options.keep_order ? "true" : "false"},
      {"temp_directory", options.spill_folder},
  };
  if (!options.path.empty()) settings.emplace_back("access_mode", options.read_only ? "READ_ONLY" : "READ_WRITE");
  if (options.memory.bytes > 0) settings.emplace_back("memory_limit", bytes(options.memory));
  if (options.spill.bytes > 0 && !options.spill_folder.empty())
    settings.emplace_back("max_temp_directory_size", bytes(options.spill));
  return settings;
}

Error open_error(const char* text, const std::string& path) {
  auto error = to_error(text == nullptr ? "" : text, {});
  const auto activity = "opening " + (path.empty() ? std::string("a database in memory") : path);
  if (error.code() == ErrorCode::conflict)
    return Error(ErrorCode::conflict, "the database is open in another process")
        .hint("DuckDB lets one process write a file: close the other program, or wait until it is done")
        .during(activity);
  return std::move(error).during(activity);
}

Result<std::shared_ptr<Database::State>> open_new(const DatabaseOptions& options) {
  ConfigHandle config;
  if (api().create_config(config.out()) != DuckDBSuccess) return Error(ErrorCode::internal, "no configuration");
  for (const auto& [name, value] : settings_of(options))
    if (api().set_config(config.get(), name.c_str(), value.c_str()) != DuckDBSuccess)
      return Error(ErrorCode::internal, fmt::format("the SQL engine refuses the setting {} = {}", name, value));
  auto state = std::make_shared<Database::State>();
  char* text = nullptr;
  const char* path = options.path.empty() ? nullptr : options.path.c_str();
  const auto opened = api().open_ext(path, state->handle.out(), config.get(), &text);
  const OwnedText message(text);
  if (opened != DuckDBSuccess) return open_error(message.get(), options.path);
  return state;
}

// Two databases on one file in one process would both hold its lock and ruin it.
class OpenFiles {
 public:
  Result<std::shared_ptr<Database::State>> open(const DatabaseOptions& options) {
    std::error_code error;
    const auto path = std::filesystem::weakly_canonical(options.path, error).string();
    const std::lock_guard lock(mutex_);
    if (auto known = files_[path].lock()) return known;
    MS_ASSIGN(auto state, open_new(options));
    files_[path] = state;
    return state;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Database::State>> files_;
};

}  // namespace

Result<Database> Database::open(const DatabaseOptions& options) {
  MS_TRY(load_library());
  static OpenFiles files;
  auto state = options.path.empty() ? open_new(options) : files.open(options);
  if (!state) return std::move(state).error();
  return Database(*std::move(state));
}

Result<Connection> Database::connect(const Cancellation* cancellation) const {
  auto state = std::make_unique<Connection::State>();
  state->database = state_;
  state->cancellation = cancellation;
  state->number = state_->connections++;
  if (api().connect(state_->handle.get(), state->handle.out()) != DuckDBSuccess)
    return Error(ErrorCode::unavailable, "the SQL engine gives no connection");
  api().connection_get_arrow_options(state->handle.get(), state->arrow_options.out());
  Connection connection(std::move(state));
  // Times with a zone are shown and cut in UTC wherever the program runs.
  MS_TRY(connection.execute("SET TimeZone = 'UTC'"));
  return connection;
}

Result<void> Database::seal(Connection& connection) const {
  // In this order: shutting off files leaves the folder for spilling open.
  MS_TRY(connection.execute("SET enable_external_access = false; SET lock_configuration = true"));
  return {};
}

}  // namespace mainstem::duckdb
