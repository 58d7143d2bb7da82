#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/project.h"
#include "app/run_context.h"
#include "config/fields.h"

/// Options that several commands share.
namespace mainstem::cli {

/// Options of every command.
struct CommonArguments {
  bool json = false;
  bool quiet = false;
};
/// Options of commands that work on a project.
struct ProjectArguments : CommonArguments {
  std::string project;
  std::string env;
  std::vector<std::string> param;
  std::vector<std::string> set;
};

const config::Fields<CommonArguments>& common_fields();
const config::Fields<ProjectArguments>& project_fields();
/// The project that they name. `pipelines` as in app::ProjectRequest.
app::ProjectRequest project_request(const ProjectArguments& arguments,
                                    std::optional<std::vector<std::string>> pipelines = std::nullopt);

/// Options of commands that move data.
struct ResourceArguments {
  std::optional<ByteCount> memory;
  std::optional<int> threads;
  std::optional<int64_t> batch_rows;
};
const config::Fields<ResourceArguments>& resource_fields();
app::Resources to_resources(const ResourceArguments& arguments);

}  // namespace mainstem::cli
