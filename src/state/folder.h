#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mainstem::state {

/// Makes `<directory>/.mainstem/` with a .gitignore that hides it, and `locks/` in it; returns its path. The directory
/// itself must exist. Errors: not_found, permission_denied, resource_exhausted, unavailable.
Result<std::string> make_state_folder(const std::string& directory);

/// `name` as a file name that no other name has: all but letters, digits, _ and - is written as %XX.
std::string file_name_of(std::string_view name);

}  // namespace mainstem::state
