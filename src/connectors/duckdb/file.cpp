#include "connectors/duckdb/file.h"

#include <filesystem>
#include <fmt/format.h>
#include <mutex>
#include <set>

#include "observability/context.h"

namespace mainstem::connectors::duckdb {
namespace {

constexpr int64_t kLeastMemory = int64_t{256} << 20;

Result<void> check_writable(Connection& connection, const std::string& path) {
  MS_ASSIGN(const auto rows,
            connection.texts("SELECT readonly FROM duckdb_databases() WHERE database_name = current_database()"));
  if (rows.size() == 1 && rows[0][0] == "false") return {};
  return Error(ErrorCode::invalid_config, fmt::format("{} is open for reading only, by a source of this run", path))
      .hint("remove access: read-only from the connection that reads it");
}

struct Intents {
  std::mutex mutex;
  std::multiset<std::string> paths;
  static Intents& instance() {
    static Intents intents;
    return intents;
  }
};

}  // namespace

WriteIntent::WriteIntent(std::string canonical_path) : path_(std::move(canonical_path)) {
  auto& intents = Intents::instance();
  const std::lock_guard lock(intents.mutex);
  intents.paths.insert(path_);
}

WriteIntent::~WriteIntent() {
  auto& intents = Intents::instance();
  const std::lock_guard lock(intents.mutex);
  intents.paths.erase(intents.paths.find(path_));
}

bool WriteIntent::exists(const std::string& canonical_path) {
  auto& intents = Intents::instance();
  const std::lock_guard lock(intents.mutex);
  return intents.paths.contains(canonical_path);
}

std::string canonical(const std::string& path) {
  std::error_code error;
  return std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error).string();
}

bool File::exists() const {
  std::error_code error;
  return std::filesystem::exists(options_.path, error);
}

Result<Database> File::open(Context& context, bool read_only) const {
  std::error_code error;
  if (std::filesystem::is_directory(options_.path, error))
    return Error(ErrorCode::invalid_config, fmt::format("{} is a folder, not a DuckDB file", options_.path));
  auto memory = options_.memory;
  if (memory.bytes == 0) memory.bytes = std::max(kLeastMemory, context.memory.limit_bytes() / 4);
  MS_ASSIGN(auto database, Database::open({.path = options_.path,
                                           .read_only = read_only,
                                           .threads = context.threads,
                                           .memory = memory,
                                           .spill_folder = context.scratch_directory + "/duckdb-file",
                                           .spill = {},
                                           .keep_order = false}));
  MS_ASSIGN(auto connection, database.connect());
  MS_TRY(connection.execute("SET enable_external_access = false"));
  if (!read_only) MS_TRY(check_writable(connection, options_.path));
  return database;
}

Result<Database> File::open_to_read(Context& context) const {
  if (!exists())
    return Error(ErrorCode::not_found, fmt::format("there is no file {}", options_.path))
        .hint("check the option path of the connection");
  const bool alone = options_.access == Access::read_write ||
                     (options_.access == Access::automatic && WriteIntent::exists(canonical(options_.path)));
  return open(context, !alone);
}

Result<Database> File::open_to_write(Context& context) const {
  if (options_.access == Access::read_only)
    return Error(ErrorCode::permission_denied, fmt::format("the connection to {} is read-only", options_.path))
        .hint("remove access: read-only from the connection");
  return open(context, false);
}

std::string select_all(const connector::TableRef& table) { return "SELECT * FROM " + connector::quote_table(table); }

}  // namespace mainstem::connectors::duckdb
