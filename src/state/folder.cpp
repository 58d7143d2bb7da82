#include "state/folder.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <system_error>

namespace mainstem::state {
namespace {

Error not_made(const std::string& path, const std::error_code& problem) {
  auto code = ErrorCode::unavailable;
  if (problem == std::errc::permission_denied || problem == std::errc::read_only_file_system ||
      problem == std::errc::operation_not_permitted)
    code = ErrorCode::permission_denied;
  if (problem == std::errc::no_space_on_device) code = ErrorCode::resource_exhausted;
  if (problem == std::errc::not_a_directory) code = ErrorCode::not_found;
  return Error(code, "cannot make the folder " + path + ": " + problem.message())
      .hint("the folder .mainstem keeps the local ledger of runs; its place must be writable");
}

bool is_plain(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

Result<std::string> make_state_folder(const std::string& directory) {
  std::error_code problem;
  if (!std::filesystem::is_directory(directory, problem))
    return Error(ErrorCode::not_found, "no such folder: " + directory);
  auto path = (std::filesystem::path(directory) / ".mainstem").string();
  // It holds quarantined rows, and a key under which rows are hashed.
  if (std::filesystem::create_directory(path, problem))
    std::filesystem::permissions(path, std::filesystem::perms::others_all, std::filesystem::perm_options::remove,
                                 problem);
  const auto locks = path + "/locks";
  std::filesystem::create_directories(locks, problem);
  if (problem) return not_made(locks, problem);
  const auto ignore = path + "/.gitignore";
  if (!std::filesystem::exists(ignore, problem)) std::ofstream(ignore) << "*\n";
  return path;
}

std::string file_name_of(std::string_view name) {
  std::string file;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    file += is_plain(byte) ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return file;
}

}  // namespace mainstem::state
