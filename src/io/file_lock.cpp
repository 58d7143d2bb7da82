#include "io/file_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "io/system_error.h"

namespace mainstem::io {

Result<std::optional<FileLock>> FileLock::try_lock(const std::string& path) {
  while (true) {
    MS_ASSIGN(auto descriptor, open_descriptor(path, O_RDWR | O_CREAT));
    if (::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::optional<FileLock>();
      if (errno == EINTR) continue;
      return system_error(errno, "cannot lock " + path);
    }
    // The holder before us may have removed the file that we waited for: then others lock another one.
    struct stat held{};
    struct stat named{};
    const bool same = ::fstat(descriptor.number(), &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
                      held.st_dev == named.st_dev && held.st_ino == named.st_ino;
    if (same) return std::optional(FileLock(std::move(descriptor), path));
  }
}

Result<void> FileLock::write(std::string_view text) {
  if (::ftruncate(descriptor_.number(), 0) != 0) return system_error(errno, "cannot write " + path_);
  const auto written = ::pwrite(descriptor_.number(), text.data(), text.size(), 0);
  if (written != static_cast<ssize_t>(text.size()))
    return system_error(written < 0 ? errno : ENOSPC, "cannot write " + path_);
  return {};
}

bool is_locked(const std::string& path) {
  const auto descriptor = open_descriptor(path, O_RDONLY);
  if (!descriptor) return false;
  int result = 0;
  do {
    result = ::flock(descriptor->number(), LOCK_SH | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result != 0 && errno == EWOULDBLOCK;
}

void remove_free_lock(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return;
  auto lock = FileLock::try_lock(path);
  if (lock && lock->has_value()) (*lock)->remove_file();
}

void FileLock::remove_file() { ::unlink(path_.c_str()); }

}  // namespace mainstem::io
