#include "state/file_lock.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace mainstem::state {
namespace {

Error system_error(int number, const std::string& activity) {
  const auto code = [number] {
    switch (number) {
      case EACCES:
      case EPERM:
      case EROFS: return ErrorCode::permission_denied;
      case ENOENT:
      case ENOTDIR: return ErrorCode::not_found;
      case ENOSPC:
      case EDQUOT:
      case EMFILE:
      case ENFILE: return ErrorCode::resource_exhausted;
      default: return ErrorCode::unavailable;
    }
  }();
  return Error(code, std::strerror(number)).during(activity);
}

int lock(int descriptor, int kind) {
  int result = 0;
  do {
    result = flock(descriptor, kind | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result;
}

}  // namespace

Result<std::optional<FileLock>> FileLock::try_acquire(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error(errno, "opening lock " + path);
  FileLock held(descriptor, path);
  if (lock(descriptor, LOCK_EX) == 0) return std::optional(std::move(held));
  if (errno == EWOULDBLOCK) return std::optional<FileLock>();
  return system_error(errno, "locking " + path);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> FileLock::write(std::string_view text) {
  if (ftruncate(descriptor_, 0) != 0) return system_error(errno, "writing lock " + path_);
  const auto written = pwrite(descriptor_, text.data(), text.size(), 0);
  if (written != static_cast<ssize_t>(text.size()))
    return system_error(written < 0 ? errno : ENOSPC, "writing lock " + path_);
  return {};
}

void FileLock::remove() noexcept { unlink(path_.c_str()); }

bool is_locked(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = lock(descriptor, LOCK_SH) != 0 && errno == EWOULDBLOCK;
  close(descriptor);
  return held;
}

}  // namespace mainstem::state
