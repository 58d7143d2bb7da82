#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "config/node.h"
#include "connector/table.h"

namespace mainstem::connector {

using columnar::BatchReader;
using columnar::Position;

/// Incremental read by a column that only grows. The source reads values > `after` (≥ `after` less `lookback`) and
/// ≤ the greatest value it finds when planning, which it returns as ReadPlan::upper.
struct CursorRange {
  std::string column;
  std::optional<Position> after;  ///< empty = from the beginning
  /// How far to step back behind `after` for late rows: "1h" for times, "1000" for numbers; empty = none. Rows in the
  /// overlap are read again; the write mode must be able to take them twice (merge).
  std::string lookback;
};

/// What to read of one table (or query, or set of files).
struct ReadRequest {
  std::string name;                  ///< the source's name in the pipeline, for messages
  std::string table;                 ///< as the user wrote it ("public.customers"); empty if `options` say what to read
  config::Node options;              ///< the connector's source options
  std::vector<std::string> columns;  ///< projection in this order; empty = all
  std::string where;                 ///< SQL predicate in the source's own dialect; empty = none
  std::optional<CursorRange> cursor;
  std::shared_ptr<arrow::Schema> declared;  ///< types the user declared for some columns; may be null
  std::optional<std::string> snapshot;      ///< token of an open read whose snapshot this one should share
};

/// A part of a read that one thread takes. Can be written down (`bytes`) and opened again by a later run of the same
/// read, so that a killed load resumes at it.
struct Partition {
  std::string id;     ///< unique within the read, printable
  std::string bytes;  ///< opaque to everybody but the source
  Estimate estimate;
};

/// What a planned read will do.
struct ReadPlan {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<Partition> partitions;  ///< cover every row exactly once; unknown length: one partition
  Estimate estimate;
  std::optional<std::string> snapshot;  ///< token that further reads of this connection can share
  /// With a cursor, and of changes: the position that is complete once all partitions are read. Sources that learn it
  /// only on the way leave it empty and give it by `PlannedRead::position`, or, with one partition, in the batches.
  std::optional<Position> upper;
  /// The reader waits for more instead of ending, and gives empty batches while it waits (≤ 1 s each). The run stops
  /// asking after so many rows or so much time; what was given up to then is what `position` is about.
  bool unbounded = false;
  std::string description;  ///< what was found out and decided, for `plan`
};

/// A read whose snapshot is held open as long as this object lives. `open` is thread-safe; readers must not outlive it.
class PlannedRead {
 public:
  virtual ~PlannedRead() = default;
  virtual const ReadPlan& plan() const = 0;
  virtual Result<std::unique_ptr<BatchReader>> open(Context& context, const Partition& partition) = 0;
  /// Where the source stands once everything that the readers gave is published; asked for when the run has taken all
  /// it wants. Nothing: `upper` counts, or else the position of the last batch.
  virtual std::optional<Position> position() const { return std::nullopt; }
  /// Tells the system that everything up to `position` is published: it may forget it, and gives it no more. Called
  /// after the last target of the run has published. Change logs and queues only.
  virtual Result<void> acknowledge(Context&, const Position&) { return {}; }
};

/// The result of one look at reachability, permissions or versions, for `doctor`.
struct Probe {
  std::string what;
  bool ok = true;
  std::string detail;
  std::string fix;  ///< for example the missing GRANT statement
};

/// The reading side of one connection. Calls may come from several threads.
class Source {
 public:
  virtual ~Source() = default;
  /// Tables whose "schema.name" matches the pattern (* and ?); an empty pattern = all that the user can see.
  virtual Result<std::vector<TableInfo>> discover(Context& context, const std::string& pattern) = 0;
  virtual Result<std::unique_ptr<PlannedRead>> plan_read(Context& context, const ReadRequest& request) = 0;
  virtual std::vector<Probe> probe(Context&) { return {}; }
  /// Statements that give just the rights needed for `request`.
  virtual std::vector<std::string> grants(const ReadRequest&) { return {}; }
};

}  // namespace mainstem::connector
