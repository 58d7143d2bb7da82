#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/source.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/copy_reader.h"
#include "connectors/postgres/cursor.h"

namespace mainstem::connectors::postgres {

/// A read as SQL, without the bounds of a partition.
struct ReadSql {
  std::string select;                   ///< list of columns
  std::string from;                     ///< quoted table, or query in parentheses with an alias
  std::vector<std::string> conditions;  ///< all must hold
  /// Text of the user's takes part, who expects names to be found along the usual search_path.
  bool user_text = false;

  std::string statement(const std::string& bounds) const;
};

/// Everything known of a read before it starts.
struct PreparedRead {
  ReadSql sql;
  CopyShape shape;
  connector::ReadPlan plan;
};

/// Finds out what a request means, in the transaction that `connection` has open, whose snapshot the read will see.
Result<PreparedRead> prepare_read(Context& context, Connection& connection, const connector::ReadRequest& request,
                                  const ConnectionOptions& limits);

/// The SQL condition of a partition's bytes. Errors: invalid_data if they are none of ours.
Result<std::string> partition_bounds(const connector::Partition& partition);

/// A transaction that sees one state of the data. Its end is the connection's.
Result<void> begin_reading(Context& context, Connection& connection, const std::optional<std::string>& snapshot);

}  // namespace mainstem::connectors::postgres
