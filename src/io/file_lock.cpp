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

void FileLock::remove_file() { ::unlink(path_.c_str()); }

}  // namespace mainstem::io
