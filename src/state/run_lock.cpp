#include "state/run_lock.h"

#include <array>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

#include "state/folder.h"

namespace mainstem::state {
namespace {

constexpr size_t kMaxOwnerBytes = 256;

// What the holder has written into the lock; it may be about to write it.
std::string owner_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, kMaxOwnerBytes> bytes{};
  file.read(bytes.data(), bytes.size());
  std::string owner;
  for (std::streamsize i = 0; i < file.gcount(); ++i) {
    const char c = bytes[static_cast<size_t>(i)];
    if (c == '\n') break;
    owner += c >= ' ' && c <= '~' ? c : '?';
  }
  return owner.empty() ? "another process" : owner;
}

}  // namespace

Result<RunLock> RunLock::acquire(const std::string& directory, const std::string& pipeline, const std::string& run_id) {
  MS_ASSIGN(const auto folder, make_state_folder(directory));
  const auto path = folder + "/locks/" + file_name_of(pipeline) + ".lock";
  MS_ASSIGN(auto lock, io::FileLock::try_lock(path));
  if (!lock)
    return Error(ErrorCode::conflict, fmt::format("pipeline '{}' is being run by {}", pipeline, owner_of(path)))
        .hint("wait until that run has ended, or stop it");
  MS_TRY(lock->write(fmt::format("process {}, run {}\n", getpid(), run_id)));
  return RunLock(*std::move(lock));
}

}  // namespace mainstem::state
