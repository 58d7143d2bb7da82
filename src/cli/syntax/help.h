#pragma once

#include <string>
#include <vector>

#include "cli/syntax/command.h"

namespace mainstem::cli::syntax {

/// All commands with their one line each.
std::string program_help(const std::vector<Command>& commands);
/// One command: usage, meaning, options with types and defaults, examples. `width` columns at most.
std::string command_help(const Command& command, int width);
/// "mainstem copy FROM TO [options]".
std::string usage(const Command& command);
/// The manual page (troff, man(7)) of the program with all commands.
std::string manual_page(const std::vector<Command>& commands);
/// The commands as a Markdown page.
std::string commands_page(const std::vector<Command>& commands);

}  // namespace mainstem::cli::syntax
