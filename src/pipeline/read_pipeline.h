#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/read_project.h"

namespace mainstem::pipeline {

struct PipelineFileContent {
  PipelineSpec spec;
  std::vector<TestSpec> tests;  ///< those in the comments of SQL files
};

/// Reads one pipeline file (and the SQL files it names) by itself; what it means within the project is for validate.h.
/// Returns nothing if the file holds no map.
std::optional<PipelineFileContent> read_pipeline(const Reading& reading, const std::string& path, ErrorList& errors);

}  // namespace mainstem::pipeline
