#pragma once

#include <memory>

#include "app/services.h"

namespace mainstem::app {

/// The program put together: all connectors, the engine, the system's clock and environment. One a process.
class Composition {
 public:
  explicit Composition(observability::Log& log);
  ~Composition();

  Services& services() { return services_; }

 private:
  SystemClock clock_;
  Cancellation cancellation_;
  std::unique_ptr<engine::Engine> engine_;
  Services services_;
};

}  // namespace mainstem::app
