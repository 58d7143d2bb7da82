#pragma once

#include <vector>

#include "connector/source.h"
#include "connectors/postgres/options.h"

namespace mainstem::connectors::postgres {

/// Looks at reachability, version, encryption and, for `writing`, the rights to make the state schema. Never fails:
/// what cannot be found out is a probe that is not ok.
std::vector<connector::Probe> probe_server(Context& context, const ConnectionOptions& options, bool writing);

}  // namespace mainstem::connectors::postgres
