#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/syntax/command.h"

namespace mainstem::cli::syntax {

/// A command line, understood.
struct Invocation {
  const Command* command = nullptr;  ///< null with `help` or `version` = of the program itself
  bool help = false;
  bool version = false;
  config::Node options;
};

/// Reads what stands behind the program's name: `--name value`, `--name=value`, flags without a value, values by place;
/// an option given twice makes a list; `--` ends the options. Names may be written with - or _.
/// Errors: invalid_config for an unknown command or option (with "did you mean"), a value missing or too many.
Result<Invocation> parse_command_line(const std::vector<std::string>& words, const std::vector<Command>& commands);

/// "file_name_column" as an option: "--file-name-column".
std::string option_name(const std::string& key);

/// "a, b,c" as its parts, at commas outside brackets; for options that take a list in one word.
std::vector<std::string> split_list(const std::vector<std::string>& values);

}  // namespace mainstem::cli::syntax
