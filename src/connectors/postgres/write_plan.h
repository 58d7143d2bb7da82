#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/postgres/options.h"
#include "connectors/postgres/target_table.h"

namespace mainstem::connectors::postgres {

/// How staged rows become visible.
enum class PublishWay {
  move,      ///< the table is new: the staged one becomes it
  swap,      ///< the staged one takes the place of the old one, with its indexes, keys, checks and grants
  truncate,  ///< empty the table, insert
  remove,    ///< delete all rows, insert
  insert,    ///< append
  upsert,    ///< INSERT ... ON CONFLICT over a unique index
  update,    ///< UPDATE and INSERT under a lock, where the key has no unique index
  partition  ///< delete the rows of the partitions that are staged, insert
};

/// A column to be written.
struct WriteColumn {
  std::string name;
  std::string native;          ///< type of the staged column
  std::string cast;            ///< to what the target's column wants it cast explicitly; empty = need not be
  std::string misfit;          ///< SQL that is true of staged values that the target's column cannot hold; empty = none
  size_t most_characters = 0;  ///< of a varchar(n) of the target; 0 = no limit
  bool not_null = false;       ///< for tables that are made
  bool is_new = false;         ///< the existing table lacks it
  bool changes_type = false;   ///< the target's column has another type
  std::string declared;        ///< type of the target's column
};

/// All decisions about one request, made before any row is read.
struct WritePlan {
  connector::WriteRequest request;
  TargetOptions options;
  connector::TableRef target;  ///< with its schema
  bool make_schema = false;
  std::optional<TargetTable> existing;
  std::vector<WriteColumn> columns;
  PublishWay way = PublishWay::insert;
  std::vector<std::vector<std::string>> missing_indexes;

  /// True if the staged table itself will be the target.
  bool becomes_target() const { return way == PublishWay::move || way == PublishWay::swap; }
};

/// Compares a request with what is there. Errors: invalid_config, not_found, permission_denied, unsupported; each says
/// what to do.
Result<WritePlan> plan_write(Context& context, Connection& connection, const connector::WriteRequest& request);

/// The table that a request means, from its own text or its options.
Result<connector::TableRef> named_table(const connector::WriteRequest& request);

/// Names in double quotes, separated by commas, each behind `prefix`.
std::string column_list(const std::vector<std::string>& names, const std::string& prefix = "");

}  // namespace mainstem::connectors::postgres
