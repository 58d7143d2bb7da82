#pragma once

#include <memory>
#include <string>

#include "connector/source.h"
#include "connectors/files/formats.h"

namespace mainstem::connectors::files {

/// The reading side. `formats` outlives it.
Result<std::unique_ptr<connector::Source>> make_source(const config::Node& connection, const Formats& formats);

/// Checks source options as far as they can be without looking at files.
Result<void> check_source(const config::Node& options, const Formats& formats);

/// A path of a request on the connection's base folder, "-" and absolute paths as they stand.
std::string resolve(const std::string& base, const std::string& path);

}  // namespace mainstem::connectors::files
