#include "app/composition.h"

#include <csignal>
#include <cstdlib>

#include "engines/duckdb/engine.h"
#include "pipeline/load.h"

namespace mainstem::app {
namespace {

// Stops the process, as a power cut would, at the commit boundary that MAINSTEM_KILL_AT names: so that anybody can see
// what a kill leaves.
std::function<void(std::string_view)> kill_point() {
  const auto* wanted = std::getenv("MAINSTEM_KILL_AT");
  if (wanted == nullptr) return {};
  return [name = std::string(wanted)](std::string_view point) {
    if (point == name) std::raise(SIGKILL);
  };
}

}  // namespace

Composition::Composition(observability::Log& log)
    : engine_(engines::duckdb::make_engine()),
      services_{.connectors = connector::all_connectors(),
                .engine = *engine_,
                .clock = clock_,
                .log = log,
                .cancellation = cancellation_,
                .environment_variable = pipeline::process_variable,
                .on_point = kill_point()} {}

Composition::~Composition() = default;

std::string_view version() { return MAINSTEM_VERSION; }

}  // namespace mainstem::app
