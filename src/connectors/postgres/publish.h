#pragma once

#include "connector/sink.h"
#include "connectors/postgres/connection.h"
#include "connectors/postgres/staging.h"

namespace mainstem::connectors::postgres {

/// Makes the rows of a finished staging table visible, in the transaction that `control` has open, and removes the
/// staging table. Counts are exact. Errors: conflict if the target has changed since it was planned.
Result<connector::PublishedTable> publish_table(Context& context, Connection& control, const Staging& staging);

}  // namespace mainstem::connectors::postgres
