#pragma once

#include <string>
#include <vector>

#include "connector/spec.h"

namespace mainstem::pipeline {

/// JSON Schema (draft 2020-12) of mainstem.yaml, with the options of every type of connection.
std::string project_schema(const std::vector<connector::ConnectorSpec>& connectors);

/// JSON Schema of pipelines/*.yaml, with the source and target options of all connectors. Which of them fit a certain
/// connection is in another file, so the schema lets any of them pass; `validate` does not.
std::string pipeline_schema(const std::vector<connector::ConnectorSpec>& connectors);

/// JSON Schema of tests/*.yaml.
std::string test_schema();

/// The language as a Markdown page: the options of all three kinds of files, checks and steps.
std::string language_page();

}  // namespace mainstem::pipeline
