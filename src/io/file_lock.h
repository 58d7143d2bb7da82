#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/descriptor.h"

namespace mainstem::io {

/// An exclusive lock among processes (flock), held as long as this object lives; the system frees it when the process
/// ends. A program started by this one does not inherit it.
class FileLock {
 public:
  /// Creates the file if needed. Nothing if somebody else (also in this process) holds the lock.
  static Result<std::optional<FileLock>> try_lock(const std::string& path);
  /// Replaces the file's text, for those who find it locked.
  Result<void> write(std::string_view text);
  /// Removes the file while the lock is held; the next one to lock makes a new file.
  void remove_file();

 private:
  FileLock(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Descriptor descriptor_;
  std::string path_;
};

/// Removes the file of a lock that nobody holds, if it is there.
void remove_free_lock(const std::string& path);
/// True if somebody holds the lock on the file; false if it is free or absent. Takes a shared lock for an instant.
bool is_locked(const std::string& path);

}  // namespace mainstem::io
