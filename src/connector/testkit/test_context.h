#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/check.h"
#include "observability/context.h"

namespace mainstem::connector::testkit {

/// A folder of its own that is removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "mainstem-test-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr, "a temporary folder is needed");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  /// The path of a file in it.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A clock that stands still until it is set.
class FixedClock final : public Clock {
 public:
  TimePoint now() const override { return time; }
  TimePoint time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};
};

/// A Context with everything that tests need: a fixed clock, no log, a gibibyte, a scratch folder of its own.
struct TestContext {
  Cancellation cancellation;
  FixedClock clock;
  observability::NullLog log;
  observability::MemoryBudget memory{gibibytes(1)};
  TemporaryFolder scratch;
  Context context{.cancellation = cancellation,
                  .clock = clock,
                  .log = log,
                  .memory = memory,
                  .threads = 2,
                  .scratch_directory = scratch.path(),
                  .on_point = {}};

  operator Context&() { return context; }
};

}  // namespace mainstem::connector::testkit
