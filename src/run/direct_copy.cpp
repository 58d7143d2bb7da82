#include "run/direct_copy.h"

#include <arrow/api.h>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace mainstem::run {
namespace {

Result<void> carry_parts(SourceFrame& source, TargetFrame& target, const std::atomic<bool>& stop) {
  MS_ASSIGN(auto lane, target.open_lane());
  while (!stop) {
    MS_ASSIGN(auto part, source.open_next());
    if (part == nullptr) break;
    while (!stop) {
      MS_ASSIGN(auto batch, part->next());
      if (batch == nullptr) break;
      MS_TRY(lane->write(batch));
    }
  }
  return lane->close();
}

}  // namespace

Result<void> copy_directly(SourceFrame& source, TargetFrame& target, int threads) {
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::optional<Error> first;
  auto work = [&] {
    auto done = carry_parts(source, target, stop);
    if (done) return;
    stop = true;
    const std::lock_guard lock(mutex);
    if (!first) first = std::move(done).error();
  };
  const auto parts = static_cast<int>(source.plan().partitions.size());
  // A part that does not end would keep the others from being read at all.
  if (source.plan().unbounded) threads = parts;
  std::vector<std::jthread> helpers;
  for (int i = 1; i < std::min(threads, parts); ++i) helpers.emplace_back(work);
  work();
  helpers.clear();
  if (first) return *std::move(first);
  return {};
}

}  // namespace mainstem::run
