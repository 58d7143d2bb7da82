#include "cli/arguments.h"

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

app::ProjectRequest project_request(const ProjectArguments& arguments,
                                    std::optional<std::vector<std::string>> pipelines) {
  return {.directory = arguments.project,
          .environment = arguments.env,
          .params = arguments.param,
          .overrides = arguments.set,
          .pipelines = std::move(pipelines)};
}

const config::Fields<ResourceArguments>& resource_fields() {
  static const auto fields =
      config::Fields<ResourceArguments>()
          .optional("memory", &ResourceArguments::memory,
                    "Memory to use, such as 512MiB; half of the machine's if not given.")
          .optional("threads", &ResourceArguments::threads, "Threads to use; one a processor if not given.",
                    {.min = 1, .max = 1024})
          .optional("batch_rows", &ResourceArguments::batch_rows, "Most rows of a batch.", {.min = 1});
  return fields;
}

app::Resources to_resources(const ResourceArguments& arguments) {
  return {.memory = arguments.memory, .threads = arguments.threads, .batch_rows = arguments.batch_rows};
}

}  // namespace mainstem::cli
