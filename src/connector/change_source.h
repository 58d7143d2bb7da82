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
/// `_before_<name>`. `batch.position` may be acknowledged only after publishing.
struct ChangeBatch {
  TableRef table;
  columnar::Batch batch;
  bool transaction_end = false;  ///< everything of the transaction has been given; a safe place to publish
  /// Set instead of rows when the table's shape changed; later batches have this schema.
  std::shared_ptr<arrow::Schema> new_schema;
};

class ChangeReader {
 public:
  virtual ~ChangeReader() = default;
  /// Waits a short while (≤ 1 s) for more; an empty batch means "nothing yet", no value means the log has ended.
  virtual Result<std::optional<ChangeBatch>> next(Context& context) = 0;
};

struct FollowRequest {
  std::vector<std::string> tables;  ///< as the user wrote them; one log serves them all
  config::Node options;
  std::optional<Position> after;  ///< empty = take a snapshot first, then follow from its position without a gap
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
  virtual Result<std::unique_ptr<ChangeReader>> follow(Context& context, const FollowRequest& request) = 0;
  /// Everything up to `position` is published; the log may forget it.
  virtual Result<void> acknowledge(Context& context, const Position& position) = 0;
};

}  // namespace mainstem::connector
