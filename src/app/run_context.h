#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/services.h"
#include "base/units.h"
#include "engine/engine.h"
#include "io/file_lock.h"
#include "observability/context.h"

namespace mainstem::app {

/// What the user said about resources; what is empty follows from the machine.
struct Resources {
  std::optional<ByteCount> memory;
  std::optional<int> threads;
  std::optional<int64_t> batch_rows;
};

/// The Context of one command with all that belongs to it: a memory budget and a scratch folder, which goes away with
/// this object. What a killed process has left of its own goes away with the next object.
class RunContext {
 public:
  /// The scratch folder is made in `scratch_parent`, which is made if missing. Errors: invalid_config for less memory
  /// than anything can be done with; as io::system_error.
  static Result<std::unique_ptr<RunContext>> make(const Services& services, const Resources& resources,
                                                  const std::string& scratch_parent);
  ~RunContext();
  RunContext(const RunContext&) = delete;
  RunContext& operator=(const RunContext&) = delete;

  Context& context() { return context_; }
  /// The engine's share of the memory; the rest is for batches on their way.
  engine::SessionLimits engine_limits() const;

 private:
  RunContext(const Services& services, ByteCount memory, int threads, std::string scratch, io::FileLock lock);

  ByteCount limit_;
  observability::MemoryBudget memory_;
  std::string scratch_;
  io::FileLock scratch_lock_;
  Context context_;
};

/// Half of the memory that this process may use (its cgroup's limit or the machine's), at least 256 MiB.
ByteCount default_memory();

}  // namespace mainstem::app
