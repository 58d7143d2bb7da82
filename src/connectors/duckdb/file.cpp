#include "connectors/duckdb/file.h"

#include <filesystem>
#include <fmt/format.h>

#include "observability/context.h"

namespace mainstem::connectors::duckdb {
namespace {

constexpr int64_t kLeastMemory = int64_t{256} << 20;

Result<void> check_writable(Connection& connection, const std::string& path) {
  MS_ASSIGN(const auto rows,
            connection.texts("SELECT readonly FROM duckdb_databases() WHERE database_name = current_database()"));
  if (rows.size() == 1 && rows[0][0] == "false") return {};
  return Error(ErrorCode::conflict, fmt::format("{} is open for reading only, by a source of this run", path))
      .hint("set access: read-write on the connection, so that one run can read and write the file");
}

}  // namespace

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
  return open(context, options_.access != Access::read_write);
}

Result<Database> File::open_to_write(Context& context) const {
  if (options_.access == Access::read_only)
    return Error(ErrorCode::permission_denied, fmt::format("the connection to {} is read-only", options_.path))
        .hint("remove access: read-only from the connection");
  return open(context, false);
}

std::string select_all(const connector::TableRef& table) { return "SELECT * FROM " + connector::quote_table(table); }

}  // namespace mainstem::connectors::duckdb
