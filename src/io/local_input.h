#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/cancellation.h"
#include "io/input.h"

namespace mainstem::io {

struct InputOptions {
  std::optional<Compression> compression;  ///< empty = as content and name say
  /// Ends the wait for bytes of a pipe. Must outlive the input.
  const Cancellation* cancellation = nullptr;
};

/// A local file, pipe or device. Regular files are read with pread (no memory map: one that another program cuts short
/// must be an error, not a signal). Errors: not_found, permission_denied, invalid_config for a folder, invalid_data if
/// the name promises a compression that the content does not have.
Result<std::shared_ptr<Input>> open_local_file(const std::string& path, const InputOptions& options = {});

/// The standard input of this process; can be read once.
std::shared_ptr<Input> standard_input(const InputOptions& options = {});

}  // namespace mainstem::io
