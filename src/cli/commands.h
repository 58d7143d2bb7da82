#pragma once

#include <vector>

#include "cli/syntax/command.h"

/// One function a command, each in the file of its name.
namespace mainstem::cli {

using syntax::Command;
using syntax::Session;

Command copy_command();
Command init_command();
Command validate_command();
Command plan_command();
Command run_command();
Command test_command();
Command status_command();
Command runs_command();
Command discover_command();
Command connectors_command();
Command query_command();
Command preview_command();
Command quarantine_list_command();
Command quarantine_show_command();
Command lineage_command();
Command schema_command();
Command docs_command();
Command completion_command();

/// All commands, in the order in which the help lists them.
const std::vector<Command>& all_commands();

}  // namespace mainstem::cli
