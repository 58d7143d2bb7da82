#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/services.h"
#include "cli/terminal/terminal.h"
#include "config/fields.h"

namespace mainstem::cli::syntax {

/// What a command is given to work with.
struct Session {
  app::Services& services;
  terminal::Terminal& terminal;
};

struct Example {
  std::string command;  ///< behind "mainstem "
  std::string what;
};

/// One command, declared as data: parsing, help, completion and the manual page come from it.
struct Command {
  std::string name;  ///< one word or two: "run", "quarantine list"
  std::string summary;
  std::string description;  ///< further sentences; may be empty
  /// Options that are given by place, in this order; the last may be a list.
  std::vector<std::string> positionals;
  std::shared_ptr<const config::OptionTable> options;
  /// Takes options that are not in the table, for somebody else to judge.
  bool passes_options = false;
  std::vector<Example> examples;
  /// Runs with the options as a map; returns the exit code.
  std::function<Result<int>(Session&, const config::Node&)> run;
};

/// A command whose options are the fields of a struct.
template <class Arguments>
Command make_command(Command command, const config::Fields<Arguments>& fields,
                     Result<int> (*run)(Session&, const Arguments&)) {
  command.options = fields.shared_table();
  command.run = [&fields, run](Session& session, const config::Node& options) -> Result<int> {
    MS_ASSIGN(const auto arguments, fields.read(options));
    return run(session, arguments);
  };
  return command;
}

}  // namespace mainstem::cli::syntax
