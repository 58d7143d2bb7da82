#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/spec.h"
#include "connector/testkit/test_context.h"
#include "pipeline/load.h"

namespace mainstem::pipeline {

/// Connectors that only have options: `database` (all modes), `files` (no merge), `feed` (reads only).
const std::vector<connector::ConnectorSpec>& toy_connectors();

/// Names behind FROM and JOIN that are no CTE. The word "frm" is a syntax error at its place.
Result<std::vector<engine::Reference>> toy_references(const std::string& sql);

/// toy_references, and a variable CRM_PASSWORD.
LoadOptions toy_options();

/// A project in a folder of its own; mainstem.yaml has the connections crm, dwh (database), lake (files), news (feed).
class ToyProject {
 public:
  ToyProject();
  /// Writes a file, making its folders.
  void write(const std::string& path, std::string_view text) const;
  Loaded load(const LoadOptions& options = toy_options()) const;
  /// The only pipeline, which has no errors.
  PipelineSpec pipeline(std::string_view yaml) const;
  /// All errors, one a line, without the folder's path.
  std::string errors(const LoadOptions& options = toy_options()) const;
  std::string pipeline_errors(std::string_view yaml) const;

 private:
  connector::testkit::TemporaryFolder folder_;
};

/// One line for each error; `directory` is taken out of it.
std::string error_lines(const std::vector<Error>& errors, const std::string& directory);

}  // namespace mainstem::pipeline
