#include "connector/spec.h"

namespace mainstem::connector {

std::string_view to_string(Delivery delivery) {
  switch (delivery) {
    case Delivery::transactional: return "transactional";
    case Delivery::atomic_commit: return "atomic_commit";
    case Delivery::atomic_swap: return "atomic_swap";
    case Delivery::idempotent: return "idempotent";
    case Delivery::at_least_once: return "at_least_once";
  }
  return "at_least_once";
}

std::optional<Delivery> Capabilities::delivery(WriteMode mode) const {
  for (const auto& [supported, promise] : writes)
    if (supported == mode) return promise;
  return std::nullopt;
}

}  // namespace mainstem::connector
