#pragma once

#include <memory>
#include <string>

#include "connector/change_source.h"
#include "run/executor.h"
#include "run/pace.h"

namespace mainstem::run {

/// A micro-batch of a change log: the changes of its tables from where the targets stand to the end of a transaction,
/// spooled by table, as reads that `execute` takes over. A table's position moves with its rows, in the target's own
/// publish; the log is told once every table of the slice is published.
class ChangeSlice {
 public:
  /// Follows the log until the limits are reached and the transaction is over, or the log has ended. What the log gives
  /// of a transaction that it does not end is left for the next slice. Spool files stand in the context's scratch
  /// folder. `source` outlives the reads. Errors: invalid_data, for a table whose shape changed within the slice to one
  /// that its earlier rows cannot take.
  static Result<ChangeSlice> take(Context& context, connector::ChangeSource& source,
                                  const connector::FollowRequest& request, const SliceLimits& limits);

  ChangeSlice(ChangeSlice&&) noexcept;
  ~ChangeSlice();

  /// Rows of whole transactions, of all tables.
  int64_t rows() const;
  /// The end of the last whole transaction; empty = none.
  const columnar::Position& position() const;
  /// A read for each table, by its name in the request; of no rows where there are no changes, since the position must
  /// move for all: the log forgets for all. None if no transaction has ended. To be called once.
  Result<OpenReads> reads();

 private:
  struct Spool;
  explicit ChangeSlice(std::shared_ptr<Spool> spool);
  std::shared_ptr<Spool> spool_;
};

/// What comes before the first slice: makes the log keep its changes from now on and plans a read of each table in the
/// state at that moment; the log's position is published with the rows.
Result<OpenReads> read_before_changes(Context& context, connector::ChangeSource& log, connector::Source& tables,
                                      const connector::FollowRequest& request);

}  // namespace mainstem::run
