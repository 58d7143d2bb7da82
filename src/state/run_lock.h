#pragma once

#include <string>

#include "base/result.h"
#include "io/file_lock.h"

namespace mainstem::state {

/// Keeps two runs of one pipeline of a project from running at once on this machine (or on machines that share the
/// folder by a file system with locks). Released by destruction, and by the death of the process.
class RunLock {
 public:
  /// `directory` is the project's. Errors: conflict, naming process and run that hold it; those of make_state_folder.
  static Result<RunLock> acquire(const std::string& directory, const std::string& pipeline, const std::string& run_id);

 private:
  explicit RunLock(io::FileLock lock) : lock_(std::move(lock)) {}
  io::FileLock lock_;
};

}  // namespace mainstem::state
