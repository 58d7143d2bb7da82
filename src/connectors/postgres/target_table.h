#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/table.h"
#include "connectors/postgres/connection.h"

namespace mainstem::connectors::postgres {

struct TargetColumn {
  std::string name;
  std::string declared;  ///< "numeric(10,2)", "public.mood": usable in SQL
  uint32_t oid = 0;      ///< of the base type
  int modifier = -1;
  char category = 'U';  ///< pg_type.typcategory
  bool not_null = false;
  bool has_default = false;
  bool generated = false;  ///< always computed by the server: cannot be written
};

struct TargetIndex {
  std::vector<std::string> columns;  ///< key columns in order; empty names stand for expressions
  bool unique = false;               ///< valid, immediate, over all rows: good for ON CONFLICT
};

/// A table that is there already, and what matters for writing into it.
struct TargetTable {
  uint32_t oid = 0;
  connector::TableRef ref;
  char kind = 'r';
  std::vector<TargetColumn> columns;
  std::vector<TargetIndex> indexes;
  bool owned = false;          ///< we may alter and replace it
  std::string missing_rights;  ///< of SELECT, INSERT, UPDATE, DELETE, TRUNCATE: those we lack
  bool referenced = false;     ///< foreign keys point at it: TRUNCATE is impossible
  std::string lost_by_swap;    ///< what else would get lost if another table took its place; empty = nothing

  const TargetColumn* find(const std::string& name) const;
  bool may(const std::string& right) const { return missing_rights.find(right) == std::string::npos; }
};

/// The full name a table has or would get: without a schema, along the user's own search_path.
/// Errors: not_found if no schema of that path exists.
Result<connector::TableRef> resolve_target(Context& context, Connection& connection, const connector::TableRef& name);

/// Nothing if there is no such table. Errors: invalid_config if it is a view or other thing that cannot be loaded.
Result<std::optional<TargetTable>> inspect_target(Context& context, Connection& connection,
                                                  const connector::TableRef& ref);

}  // namespace mainstem::connectors::postgres
