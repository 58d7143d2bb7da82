#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.h"
#include "base/clock.h"
#include "connector/spec.h"
#include "engine/engine.h"
#include "observability/log.h"

namespace mainstem::app {

/// What every use case is given by whoever composes the program. All references outlive the use cases.
struct Services {
  const std::vector<connector::ConnectorSpec>& connectors;
  engine::Engine& engine;
  const Clock& clock;
  observability::Log& log;
  Cancellation& cancellation;
  /// Value of an environment variable.
  std::function<std::optional<std::string>(const std::string& name)> environment_variable;
  /// See Context::on_point; may be empty.
  std::function<void(std::string_view)> on_point;
};

/// The program's version ("0.1.0").
std::string_view version();

}  // namespace mainstem::app
