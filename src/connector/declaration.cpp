#include "connector/declaration.h"

namespace mainstem::connector {

Capabilities transactional_database() {
  Capabilities can{.read = true,
                   .write = true,
                   .discover = true,
                   .projection = true,
                   .predicate = true,
                   .cursor = true,
                   .parallel_read = true,
                   .consistent_snapshot = true,
                   .group_publish = true};
  for (const auto mode : {WriteMode::append, WriteMode::replace, WriteMode::merge, WriteMode::partition})
    can.writes.emplace_back(mode, Delivery::transactional);
  return can;
}

}  // namespace mainstem::connector
