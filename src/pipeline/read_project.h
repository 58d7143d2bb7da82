#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/references.h"
#include "connector/spec.h"
#include "pipeline/error_list.h"
#include "pipeline/load.h"
#include "pipeline/spec.h"

namespace mainstem::pipeline {

/// Values of parameters, and which of them were asked for. One thread.
class Parameters {
 public:
  explicit Parameters(const NamedTexts& given) : given_(given) {}

  /// Defaults of the project; those given from outside win.
  void set_defaults(NamedTexts defaults) { defaults_ = std::move(defaults); }
  /// The value for a pipeline with defaults of its own.
  std::optional<std::string> find(const std::string& name, const NamedTexts& pipeline_defaults);
  /// Parameters given from outside that nothing has asked for or declared.
  std::vector<std::string> unused() const;
  void declare(const NamedTexts& names);

 private:
  NamedTexts given_;
  NamedTexts defaults_;
  std::vector<std::string> known_;
};

/// What reading the files of one project needs throughout.
struct Reading {
  const std::string& directory;
  const LoadOptions& options;
  const std::vector<connector::ConnectorSpec>& connectors;
  Parameters& parameters;
  ErrorList& missing;  ///< with LoadOptions::without_values

  /// Where references get their values; `pipeline_defaults` must outlive it.
  config::Resolver resolver(const NamedTexts& pipeline_defaults) const;
  const connector::ConnectorSpec* find_connector(std::string_view type) const;
};

/// Expands the references of a node. In the values of `sql`, `where`, `query` and a step's `filter`, references become
/// SQL literals.
Result<config::Node> expand(const config::Node& node, const config::Resolver& resolver);

/// Reads a `params` map. References are not expanded in it, so they are errors.
Result<NamedTexts> read_params(const config::Node& file);

/// Reads mainstem.yaml with the chosen environment and the overrides: all but pipelines and tests.
/// Errors of a connection become its `problem`; all others go to `errors`.
Project read_project(const Reading& reading, ErrorList& errors);

}  // namespace mainstem::pipeline
