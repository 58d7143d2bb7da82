#pragma once

#include <optional>
#include <string>

#include "pipeline/read_project.h"

namespace mainstem::pipeline {

/// Reads one pipeline file (and the SQL files it names) by itself; what it means within the project is for validate.h.
/// Returns nothing if not even its name could be read.
std::optional<PipelineSpec> read_pipeline(const Reading& reading, const std::string& path, ErrorList& errors);

/// Reads one test file: one test or a list of them.
std::vector<TestSpec> read_tests(const std::string& path, ErrorList& errors);

}  // namespace mainstem::pipeline
