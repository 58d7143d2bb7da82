#include "duckdb/library.h"

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>

#include "base/check.h"
#include "duckdb/api.h"

namespace mainstem::duckdb {
namespace {

constexpr const char* kVariable = "MAINSTEM_DUCKDB_LIBRARY";
constexpr const char* kFile = "libduckdb.so";

std::vector<std::string> candidates() {
  if (const char* named = std::getenv(kVariable); named != nullptr && *named != '\0') return {named};
  std::vector<std::string> paths;
  std::error_code error;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* place : {"../lib/mainstem", ".", "../deps/duckdb/lib"})
    paths.push_back((folder / place / kFile).lexically_normal().string());
  std::erase_if(paths, [&](const std::string& path) { return !std::filesystem::exists(path, error); });
  paths.emplace_back(kFile);
  return paths;
}

Result<Api> load_first() {
  Result<Api> found = Error(ErrorCode::not_found, "no DuckDB library");
  for (const auto& path : candidates()) {
    found = load(path);
    if (found || found.error().code() != ErrorCode::not_found) return found;
  }
  return found;
}

const Result<Api>& loaded() {
  static const Result<Api> api = load_first();
  return api;
}

}  // namespace

Result<Api> load(const std::string& path) {
  // Lazy binding: the library has 58,000 symbols and we call a hundred. Local: it carries its own ICU.
  void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr)
    return Error(ErrorCode::not_found, fmt::format("the SQL engine's library cannot be loaded: {}", dlerror()))
        .hint(fmt::format("put {} {} beside the program in ../lib/mainstem, or name it in {}", kFile, kVersion,
                          kVariable));
  Api api;
  const char* missing = nullptr;
#define MS_DUCKDB_FIND(name)                                                                \
  api.name = reinterpret_cast<decltype(&::duckdb_##name)>(dlsym(library, "duckdb_" #name)); \
  if (api.name == nullptr && missing == nullptr) missing = "duckdb_" #name;
  MS_DUCKDB_FUNCTIONS(MS_DUCKDB_FIND)
#undef MS_DUCKDB_FIND
  const std::string version = api.library_version == nullptr ? "no DuckDB at all" : api.library_version();
  if (version != kVersion || missing != nullptr)
    return Error(ErrorCode::unsupported, fmt::format("{} is not DuckDB {}: found {}{}", path, kVersion, version,
                                                     missing == nullptr ? "" : fmt::format(", without {}", missing)))
        .hint(fmt::format("install libduckdb {} or unset {}", kVersion, kVariable));
  return api;
}

Result<void> load_library() {
  const auto& result = loaded();
  if (!result) return result.error();
  return {};
}

const Api& api() {
  const auto& result = loaded();
  CHECK(result.has_value(), "DuckDB is used before load_library");
  return *result;
}

}  // namespace mainstem::duckdb
