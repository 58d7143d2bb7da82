#pragma once

#include <memory>

#include "connector/source.h"
#include "connectors/postgres/options.h"

namespace mainstem::connectors::postgres {

/// The reading side of a connection.
std::unique_ptr<connector::Source> make_source(ConnectionOptions options);

}  // namespace mainstem::connectors::postgres
