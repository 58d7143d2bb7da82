#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connector/table.h"
#include "connectors/postgres/connection.h"
#include "connectors/postgres/types.h"

namespace mainstem::connectors::postgres {

/// A table, view or other relation as the catalog has it.
struct RemoteTable {
  uint32_t oid = 0;
  connector::TableRef ref;  ///< with its schema
  char kind = 'r';          ///< pg_class.relkind: r table, p partitioned, v view, m materialised view, f foreign
  bool heap = false;        ///< stored in pages that can be read by ctid
  int64_t pages = 0;
  int64_t rows = -1;  ///< as of the last ANALYZE; -1 = never
  std::vector<RemoteColumn> columns;
};

/// Finds a table; a name without a schema is looked for along the user's own search_path. Errors: not_found, with the
/// nearest name there is.
Result<RemoteTable> find_table(Context& context, Connection& connection, const connector::TableRef& name);

/// Columns of a query, which is not run. Errors: those of the query.
Result<std::vector<RemoteColumn>> query_columns(Context& context, Connection& connection, const std::string& sql);

/// Tables and views that the user may read, system schemas and `hidden_schema` left out.
Result<std::vector<connector::TableInfo>> list_tables(Context& context, Connection& connection,
                                                      const std::string& pattern, const std::string& hidden_schema);

}  // namespace mainstem::connectors::postgres
