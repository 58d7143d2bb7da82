#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace mainstem::app {

/// Writes a small project with data into `folder` (made if missing), which runs at once. Returns the files written.
/// Errors: already_exists if the folder holds anything; invalid_config if its name cannot name a project.
Result<std::vector<std::string>> init_project(const std::string& folder);

}  // namespace mainstem::app
