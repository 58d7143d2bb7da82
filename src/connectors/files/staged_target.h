#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connector/sink.h"
#include "connectors/files/target.h"

namespace mainstem::connectors::files {

/// Rows on their way into one file or file set. The publish unit and the staged table of the contract share it.
class StagedTarget {
 public:
  virtual ~StagedTarget() = default;
  /// The target's, by which state records call it.
  virtual const std::string& name() const = 0;
  virtual int max_lanes() const = 0;
  /// Thread-safe.
  virtual Result<std::unique_ptr<connector::Lane>> open_lane(Context& context) = 0;
  virtual Result<connector::Receipt> finish(Context& context) = 0;
  /// After `finish`. Keeps those records of `state` that are of this target.
  virtual Result<connector::PublishedTable> commit(Context& context, const connector::StateRecords& state) = 0;
  /// Removes everything staged; after a commit it does nothing.
  virtual void abort() noexcept = 0;
};

/// A single file, standard output, a pipe or a device. `target` as `read_target` gives it.
Result<std::shared_ptr<StagedTarget>> stage_file(Context& context, const connector::WriteRequest& request,
                                                 Target target);
/// A folder with a manifest. Takes its lock. Errors: conflict if another run has it; those of `check_set`.
Result<std::shared_ptr<StagedTarget>> stage_set(Context& context, const connector::WriteRequest& request, Target target,
                                                const std::string& run_id);

/// What can be said of a file set before anything is written. Errors: already_exists for a folder with files of others;
/// invalid_config where format, partition columns or schema do not fit what is there.
Result<void> check_set(Context& context, const connector::WriteRequest& request, const Target& target);
/// That a file or folder can be created at `path`. Errors: permission_denied, already_exists.
Result<void> check_writable(const Target& target);

}  // namespace mainstem::connectors::files
