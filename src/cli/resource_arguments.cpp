#include "cli/resource_arguments.h"

namespace mainstem::cli {

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
