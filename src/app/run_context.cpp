#include "app/run_context.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <thread>
#include <unistd.h>

#include "io/system_error.h"

namespace mainstem::app {
namespace {

// The least limit of the process's control groups, which containers and service managers set: of its own group and of
// all around it. /proc/self/cgroup has lines "0::PATH" (version 2) or "N:memory,...:PATH" (version 1); cgroups(7).
std::optional<int64_t> cgroup_limit() {
  std::optional<int64_t> least;
  const auto look = [&least](const std::filesystem::path& path) {
    std::ifstream file(path);
    int64_t bytes = 0;
    if (file >> bytes && bytes > 0) least = std::min(bytes, least.value_or(bytes));
  };
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const bool unified = controllers.empty();
    if (!unified && controllers.find("memory") == std::string::npos) continue;
    const std::filesystem::path root = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    auto inside = std::filesystem::path(line.substr(second + 1)).relative_path();
    for (;; inside = inside.parent_path()) {
      look(root / inside / (unified ? "memory.max" : "memory.limit_in_bytes"));
      if (inside.empty()) break;
    }
  }
  return least;
}

// The engine groups rows on two threads in half of it.
constexpr ByteCount kLeastMemory = mebibytes(32);

constexpr std::string_view kScratchPrefix = "mainstem-";
constexpr const char* kScratchLock = "/in_use";

// Folders of killed processes: their lock is free. One without a lock is being made at this moment, and so may be one
// whose lock is free for an instant: `make_scratch` counts with its removal.
void remove_abandoned(const std::string& parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with(kScratchPrefix)) continue;
    const auto lock_path = entry.path().string() + kScratchLock;
    if (!std::filesystem::exists(lock_path, ignored)) continue;
    const auto lock = io::FileLock::try_lock(lock_path);
    if (lock && lock->has_value()) std::filesystem::remove_all(entry.path(), ignored);
  }
}

struct Scratch {
  std::string folder;
  io::FileLock lock;
};

// A folder of our own with its lock. Another process may take it for abandoned before it is locked; then the next one
// is tried.
Result<Scratch> make_scratch(const std::string& parent) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto folder = fmt::format("{}/{}XXXXXX", parent, kScratchPrefix);
    if (mkdtemp(folder.data()) == nullptr)
      return io::system_error(errno, fmt::format("no scratch folder can be made in {}", parent));
    auto lock = io::FileLock::try_lock(folder + kScratchLock);
    if (lock && *lock) return Scratch{.folder = std::move(folder), .lock = **std::move(lock)};
    std::error_code ignored;
    if (!lock && std::filesystem::exists(folder, ignored)) {
      std::filesystem::remove(folder, ignored);
      return std::move(lock).error();
    }
  }
  return Error(ErrorCode::conflict, fmt::format("other processes remove every scratch folder made in {}", parent));
}

}  // namespace

ByteCount default_memory() {
  const int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  const int64_t mine = std::min(machine, cgroup_limit().value_or(machine));
  return std::max(mebibytes(256), ByteCount{mine / 2});
}

RunContext::RunContext(const Services& services, ByteCount memory, int threads, std::string scratch, io::FileLock lock)
    : limit_(memory),
      memory_(memory),
      scratch_(std::move(scratch)),
      scratch_lock_(std::move(lock)),
      context_{.cancellation = services.cancellation,
               .clock = services.clock,
               .log = services.log,
               .memory = memory_,
               .threads = threads,
               // Readers, queues and lanes hold some dozen batches at a time: together an eighth of the memory.
               .batch_bytes = std::clamp<int64_t>(memory.bytes / 512, 64 << 10, 1 << 20),
               .scratch_directory = scratch_,
               .on_point = services.on_point} {}

RunContext::~RunContext() {
  std::error_code ignored;
  std::filesystem::remove_all(scratch_, ignored);
}

Result<std::unique_ptr<RunContext>> RunContext::make(const Services& services, const Resources& resources,
                                                     const std::string& scratch_parent) {
  const auto memory = resources.memory.value_or(default_memory());
  if (memory < kLeastMemory)
    return Error(ErrorCode::invalid_config, fmt::format("{} of memory is too little", to_string(memory)))
        .hint(fmt::format("give at least {}, with --memory or as defaults.memory of mainstem.yaml",
                          to_string(kLeastMemory)));
  std::error_code ignored;  // making the folder within tells
  std::filesystem::create_directories(scratch_parent, ignored);
  remove_abandoned(scratch_parent);
  MS_ASSIGN(auto scratch, make_scratch(scratch_parent));
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  auto made = std::unique_ptr<RunContext>(new RunContext(services, memory, resources.threads.value_or(cores),
                                                         std::move(scratch.folder), std::move(scratch.lock)));
  if (resources.batch_rows) made->context_.batch_rows = *resources.batch_rows;
  return made;
}

engine::SessionLimits RunContext::engine_limits() const {
  return {.memory = ByteCount{limit_.bytes / 4 * 3}, .spill = gibibytes(1024), .threads = context_.threads};
}

}  // namespace mainstem::app
