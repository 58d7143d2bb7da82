#pragma once

#include <memory>

#include "connector/source.h"
#include "connectors/sqlite/options.h"

namespace mainstem::connectors::sqlite {

/// Plans a read and takes its snapshot. Errors: those of opening the file; not_found (table); invalid_config (column,
/// query, predicate, cursor).
Result<std::unique_ptr<connector::PlannedRead>> plan_sqlite_read(Context& context, const ConnectionOptions& options,
                                                                 const connector::ReadRequest& request);

}  // namespace mainstem::connectors::sqlite
