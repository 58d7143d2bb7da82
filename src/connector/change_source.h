#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "connector/source.h"
#include "connector/table.h"

namespace mainstem::connector {

/// A stretch of one table's changes in commit order. `batch.rows` holds the table's columns after the change, preceded
/// by `_op` (utf8: insert, update, delete, truncate); columns of the old row, where the log has them, follow as
/// `_before_<name>`.
struct ChangeBatch {
  std::string table;  ///< as FollowRequest names it; empty where only the position moved
  /// `position` is set at the end of a transaction: the log can be followed from there, and not from within one.
  columnar::Batch batch;
  bool transaction_end = false;  ///< everything of the transaction has been given; a safe place to publish
  /// Set instead of rows when the table's shape changed; its later batches have this schema, `_op` and all. A reader
  /// begins with the shapes of all its tables: the position of one without changes is published, too.
  std::shared_ptr<arrow::Schema> new_schema;
};

class ChangeReader {
 public:
  virtual ~ChangeReader() = default;
  /// Waits a short while (≤ 1 s) for more; an empty batch means "nothing yet", no value means the log has ended.
  virtual Result<std::optional<ChangeBatch>> next(Context& context) = 0;
};

struct FollowedTable {
  std::string table;  ///< as the user wrote it
  /// What is published of it; targets that publish one after the other may differ. Empty = `begin` and read a snapshot
  /// first, then follow from its position.
  std::optional<Position> after;
};

struct FollowRequest {
  std::vector<FollowedTable> tables;  ///< one log serves them all, from the oldest position; it compares, nobody else
  config::Node options;
};

/// A source that can follow a change log, many tables in one stream.
class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  /// Makes the log keep everything from now on (slot, change stream, binlog position) and gives the snapshot's token
  /// and position: reading the tables under `snapshot`, then following after `position`, misses and doubles nothing.
  struct Start {
    std::optional<std::string> snapshot;
    Position position;
  };
  virtual Result<Start> begin(Context& context, const FollowRequest& request) = 0;
  /// Errors: not_found, if the log has forgotten what follows on a position: a gap is never passed over.
  virtual Result<std::unique_ptr<ChangeReader>> follow(Context& context, const FollowRequest& request) = 0;
  /// Everything up to `position` is published; the log may forget it.
  virtual Result<void> acknowledge(Context& context, const Position& position) = 0;
};

}  // namespace mainstem::connector
