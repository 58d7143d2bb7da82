#include "cli/command.h"

#include "cli/commands.h"

namespace mainstem::cli {

const config::Fields<CommonArguments>& common_fields() {
  static const auto fields =
      config::Fields<CommonArguments>()
          .optional("json", &CommonArguments::json, "For machines: JSON on standard output, one document a line.")
          .optional("quiet", &CommonArguments::quiet, "Only results and errors.");
  return fields;
}

const config::Fields<ProjectArguments>& project_fields() {
  static const auto fields =
      config::Fields<ProjectArguments>()
          .optional("project", &ProjectArguments::project,
                    "Folder of the project; else the nearest upwards that holds a mainstem.yaml.", {.type = "folder"})
          .optional("env", &ProjectArguments::env, "Environment of mainstem.yaml to use.", {.type = "name"})
          .optional("param", &ProjectArguments::param, "Value for ${param:NAME}.", {.type = "list of name=value"})
          .optional("set", &ProjectArguments::set, "Value put over mainstem.yaml, by dotted key.",
                    {.type = "list of key=value"})
          .include(common_fields());
  return fields;
}

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
