#include "cli/commands.h"

namespace mainstem::cli {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands = {copy_command(),
                                                init_command(),
                                                validate_command(),
                                                plan_command(),
                                                run_command(),
                                                test_command(),
                                                status_command(),
                                                runs_command(),
                                                discover_command(),
                                                connectors_command(),
                                                query_command(),
                                                preview_command(),
                                                quarantine_list_command(),
                                                quarantine_show_command(),
                                                lineage_command(),
                                                schema_command(),
                                                docs_command(),
                                                completion_command()};
  return commands;
}

}  // namespace mainstem::cli
