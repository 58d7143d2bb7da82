#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "columnar/batch.h"
#include "columnar/content_hash.h"
#include "connector/source.h"
#include "engine/engine.h"
#include "run/cursor_filter.h"
#include "run/pace.h"
#include "run/progress.h"
#include "run/quarantine.h"

namespace mainstem::run {

struct SourceFrameOptions {
  std::string step;                      ///< the source's name
  bool hide_records = false;             ///< a column of this source is masked: rejects are kept without their raw text
  bool refuse_rejects = false;           ///< a record that cannot become a row is an error
  std::unique_ptr<CursorFilter> filter;  ///< null = the source filters, or there is no cursor
  std::string only_with = {};            ///< rows that are null in this column are left out; empty = none are
  bool hash = false;                     ///< take the content hash of what is handed on
  SliceLimits slice;                     ///< where an unbounded read ends
};

/// The frame around one planned read. Connectors give batches; everything that must not be forgotten is done here,
/// once: counting rows and rejects, sending rejects to quarantine, the cursor filter, the content hash, cancellation,
/// the pauses that a system asks for, the end of a read that has none.
/// Parts are taken by any number of threads; getters are final when all parts have ended.
class SourceFrame {
 public:
  /// What the frame uses and others own; outlives it.
  struct Surroundings {
    Context& context;
    StepCounters& counters;
    Quarantine& quarantine;
    Pace& pace;  ///< of the source's connection
  };
  SourceFrame(const Surroundings& surroundings, std::unique_ptr<connector::PlannedRead> read,
              SourceFrameOptions options);
  ~SourceFrame();

  const std::string& step() const { return options_.step; }
  const connector::ReadPlan& plan() const { return read_->plan(); }
  /// The source as the engine takes it. The frame outlives the streams.
  engine::InputStreams streams();
  /// The next part that nobody has taken, or null.
  Result<std::unique_ptr<engine::BatchStream>> open_next();

  /// True once every part has been read to its end: only then may the cursor move.
  bool complete() const;
  /// Where the source stands after a complete read; nothing if it has no cursor.
  std::optional<columnar::Position> position() const;
  /// Of the rows handed on so far, and of the raw texts of the records that became none.
  columnar::ContentHash hash() const;
  columnar::ContentHash rejects_hash() const;
  /// Rows left out as they have no value in `only_with`.
  int64_t left_out() const { return left_out_; }
  /// Everything that was read is published: tells the source, if it was read to its end.
  Result<void> acknowledge();

 private:
  class Part;
  bool slice_is_full() const;
  void part_ended(columnar::Position last);
  void add_to(columnar::ContentHash& hash, const columnar::ContentHash& more);

  Context& context_;
  std::unique_ptr<connector::PlannedRead> read_;
  StepCounters& counters_;
  Quarantine& quarantine_;
  Pace& pace_;
  SourceFrameOptions options_;
  Clock::TimePoint slice_end_;
  std::atomic<size_t> taken_{0};
  std::atomic<int64_t> left_out_{0};
  mutable std::mutex mutex_;
  size_t ended_ = 0;
  columnar::ContentHash hash_;
  columnar::ContentHash rejects_hash_;
  std::optional<columnar::Position> last_;
};

}  // namespace mainstem::run
