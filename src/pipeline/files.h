#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/node.h"

namespace mainstem::pipeline {

/// The whole text of a small file. Errors: not_found, permission_denied; resource_exhausted past 2 MiB.
Result<std::string> read_text_file(const std::string& path);

/// Reads a file as YAML; positions name it by `path`.
Result<config::Node> read_yaml_file(const std::string& path);

/// Paths of the *.yaml and *.yml files directly in a folder, in the order of their names; none if there is no folder.
/// Files whose names begin with a dot are left out. Errors: as the system gives them.
Result<std::vector<std::string>> list_yaml_files(const std::string& folder);

/// `directory`/`path`, or `path` itself if it is absolute, without "." and doubled separators.
std::string join_path(const std::string& directory, const std::string& path);

}  // namespace mainstem::pipeline
