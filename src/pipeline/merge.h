#pragma once

#include <string_view>

#include "base/result.h"
#include "config/node.h"

namespace mainstem::pipeline {

/// `base` with the entries of `over` put over it: maps entry by entry, everything else as a whole. Places stay those of
/// where each value was written.
config::Node merge(config::Node base, const config::Node& over);

/// Puts an environment over a project file. A connection with a `type` of its own replaces the project's, so that no
/// option of another system is left; one without changes single options.
config::Node put_environment(config::Node file, const config::Node& environment);

/// Sets the value at a dotted path, making maps on the way. Errors: invalid_config where the path leads through a value
/// that is not a map.
Result<void> put_at(config::Node& root, std::string_view path, const config::Node& value);

}  // namespace mainstem::pipeline
