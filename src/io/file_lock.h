#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "io/descriptor.h"

namespace mainstem::io {

/// A lock among processes, held as long as this object lives; the system frees it when the process ends.
class FileLock {
 public:
  /// Creates the file if needed. Nothing if somebody else (also in this process) holds the lock.
  static Result<std::optional<FileLock>> try_lock(const std::string& path);
  /// Removes the file while the lock is held; the next one to lock makes a new file.
  void remove_file();

 private:
  FileLock(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Descriptor descriptor_;
  std::string path_;
};

}  // namespace mainstem::io
