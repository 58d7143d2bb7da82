#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/syntax/command.h"

namespace mainstem::cli::syntax {

/// A completion script of commands, options, files, and the names of pipelines and connections, which it asks for with
/// `mainstem completion pipelines` and `... connections`. Errors: invalid_config for a shell other than bash, zsh,
/// fish.
Result<std::string> completion_script(const std::string& shell, const std::vector<Command>& commands);

}  // namespace mainstem::cli::syntax
