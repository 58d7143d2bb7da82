#pragma once

#include <memory>

#include "connector/sink.h"
#include "connectors/files/formats.h"

namespace mainstem::connectors::files {

/// The writing side. `formats` outlives it.
Result<std::unique_ptr<connector::Sink>> make_sink(const config::Node& connection, const Formats& formats);

}  // namespace mainstem::connectors::files
