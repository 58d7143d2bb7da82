#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "connector/spec.h"

namespace mainstem::app {

/// The names of all file formats.
std::vector<std::string> format_names();

/// Everything there is to know about a connector or a file format, as Markdown. Errors: invalid_config with "did you
/// mean".
Result<std::string> reference_page(const std::vector<connector::ConnectorSpec>& connectors, const std::string& name);

/// The same as a JSON document on one line: capabilities, and the options as JSON Schema. Errors: as reference_page.
Result<std::string> reference_json(const std::vector<connector::ConnectorSpec>& connectors, const std::string& name);

/// All connectors and formats with their capabilities, as one JSON document on one line.
std::string connectors_json(const std::vector<connector::ConnectorSpec>& connectors);

/// Every generated page of docs/reference but that of the commands: file name and text.
std::vector<std::pair<std::string, std::string>> reference_pages(
    const std::vector<connector::ConnectorSpec>& connectors);

}  // namespace mainstem::app
