#pragma once

#include <memory>

#include "connector/sink.h"
#include "connectors/postgres/options.h"

namespace mainstem::connectors::postgres {

/// The writing side of a connection. It remembers the cursors it gave out: a commit that finds them moved by another
/// run is a conflict.
std::unique_ptr<connector::Sink> make_sink(ConnectionOptions options);

}  // namespace mainstem::connectors::postgres
