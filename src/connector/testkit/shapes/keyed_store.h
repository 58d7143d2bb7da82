#pragma once

#include <string>

#include "connector/spec.h"

/// A keyed store without transactions, as MongoDB, Cassandra and Redis are: a record is put under its key at once and
/// for all to see, one after the other. It proves that the contract carries such systems: mode merge is `idempotent`,
/// state is written last, and a run that was killed is made good by running it again.
///
/// On disk: a folder for each collection, in it a file for each key, which a rename puts there. The `path` option of
/// the connection names the folder of it all.
namespace mainstem::connector::testkit::shapes {

/// The connector "keyed". Reaches the point "keyed.put" after every record.
ConnectorSpec keyed_store();

}  // namespace mainstem::connector::testkit::shapes
