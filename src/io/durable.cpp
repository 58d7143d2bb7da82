#include "io/durable.h"

#include <arrow/io/interfaces.h>
#include <arrow/status.h>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "columnar/status.h"
#include "io/descriptor.h"
#include "io/output.h"
#include "io/system_error.h"

namespace mainstem::io {
namespace {

std::string parent_of(const std::string& path) {
  auto parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

Result<void> sync_folder(const std::string& folder) {
  MS_ASSIGN(const auto descriptor, open_descriptor(folder, O_RDONLY | O_DIRECTORY));
  // Some file systems cannot sync a folder, and say so with EINVAL; nothing more can be done there.
  if (::fsync(descriptor.number()) != 0 && errno != EINVAL) return system_error(errno, "cannot write " + folder);
  return {};
}

Result<void> rename_durably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    return system_error(errno, fmt::format("cannot rename {} to {}", from, to));
  const auto target = parent_of(to);
  MS_TRY(sync_folder(target));
  const auto origin = parent_of(from);
  return origin == target ? Result<void>() : sync_folder(origin);
}

Result<void> create_folders(const std::string& folder) {
  std::error_code failed;
  const auto status = std::filesystem::status(folder, failed);
  if (std::filesystem::is_directory(status)) return {};
  if (std::filesystem::exists(status))
    return Error(ErrorCode::already_exists, folder + " is not a folder, and one is wanted here");
  const auto parent = parent_of(folder);
  if (parent != folder) MS_TRY(create_folders(parent));
  // Somebody else may have made it in the meantime.
  if (!std::filesystem::create_directory(folder, failed) && failed)
    return system_error(failed.value(), "cannot create folder " + folder);
  return sync_folder(parent);
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return sync_folder(parent_of(path));
  if (errno == ENOENT) return {};
  return system_error(errno, "cannot remove " + path);
}

Result<void> remove_folder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (failed) return system_error(failed.value(), "cannot remove " + folder);
  return {};
}

Result<std::string> read_text_file(const std::string& path, size_t limit) {
  MS_ASSIGN(auto descriptor, open_descriptor(path, O_RDONLY));
  std::string text;
  constexpr size_t kStep = 64 << 10;
  while (true) {
    const size_t before = text.size();
    text.resize(before + kStep);
    const auto got = ::read(descriptor.number(), text.data() + before, kStep);
    text.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) return system_error(errno, "cannot read " + path);
    if (got == 0) return text;
    if (text.size() > limit)
      return Error(ErrorCode::resource_exhausted, fmt::format("{} is larger than {} bytes", path, limit));
  }
}

Result<void> write_text_file(const std::string& path, std::string_view text) {
  remove_abandoned(path);
  MS_ASSIGN(auto output, create_local_file(path));
  MS_TRY(columnar::from_arrow(output->stream()->Write(text.data(), static_cast<int64_t>(text.size()))));
  return output->publish();
}

}  // namespace mainstem::io
