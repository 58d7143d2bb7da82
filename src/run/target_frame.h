#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "columnar/content_hash.h"
#include "connector/sink.h"
#include "engine/engine.h"
#include "run/progress.h"
#include "run/row_checks.h"

namespace mainstem {
struct Context;
}

namespace mainstem::run {

/// The frame around one staged table: any number of the engine's threads write into the lanes that the sink offers;
/// rows are judged, counted and hashed on the way; `finish` compares them with what the target itself has counted.
class TargetFrame {
 public:
  /// All references outlive the frame; `checks` may be null.
  TargetFrame(Context& context, std::string name, std::unique_ptr<connector::StagedTable> table, StepCounters& counters,
              RowChecks* checks);
  ~TargetFrame();

  const std::string& name() const { return name_; }
  /// Gives a thread its way into the lanes. Thread-safe.
  Result<std::unique_ptr<engine::OutputLane>> open_lane();
  engine::LaneOpener opener() {
    return [this] { return open_lane(); };
  }
  /// Closes the lanes and lets the target count. Errors: internal if the target holds other than what it was given, as
  /// then something was lost on the way and nothing may be published.
  Result<connector::Receipt> finish();
  columnar::ContentHash hash() const;

 private:
  struct SharedLane;
  class Entrance;
  void add_hash(const columnar::ContentHash& hash);

  Context& context_;
  std::string name_;
  std::unique_ptr<connector::StagedTable> table_;
  StepCounters& counters_;
  RowChecks* checks_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<SharedLane>> lanes_;
  size_t entrances_ = 0;
  columnar::ContentHash hash_;
};

}  // namespace mainstem::run
