#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace mainstem::state {

/// An exclusive lock on a file (flock), held until destruction or the death of the process. A program started by this
/// one does not inherit it.
class FileLock {
 public:
  /// Locks `path`, making the file if needed. Nothing if somebody holds it, be it this process. Errors:
  /// permission_denied, not_found (no such folder), unavailable.
  static Result<std::optional<FileLock>> try_acquire(const std::string& path);
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(other.path_) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

  /// Replaces the file's text, for those who find it locked.
  Result<void> write(std::string_view text);
  /// Removes the file, still locked. Only for files that nobody else would lock.
  void remove() noexcept;

 private:
  FileLock(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

/// True if somebody holds the lock on the file; false if it is free or absent. Takes a shared lock for an instant.
bool is_locked(const std::string& path);

}  // namespace mainstem::state
