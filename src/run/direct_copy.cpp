#include "run/direct_copy.h"

#include <arrow/api.h>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace mainstem::run {
namespace {

using BatchResult = Result<std::shared_ptr<arrow::RecordBatch>>;

// Reads a part in a thread of its own, a few batches ahead, so that reading and writing go on at the same time.
class ReadAhead {
 public:
  explicit ReadAhead(engine::BatchStream& part)
      : reader_([this, &part](const std::stop_token& stop) { read(stop, part); }) {}

  BatchResult next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !batches_.empty(); });
    auto batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return batch;
  }

 private:
  static constexpr size_t kBatches = 3;

  void read(const std::stop_token& stop, engine::BatchStream& part) {
    bool more = true;
    while (more && !stop.stop_requested()) {
      auto batch = part.next();
      more = batch && *batch != nullptr;
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return batches_.size() < kBatches; })) return;
      batches_.push_back(std::move(batch));
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<BatchResult> batches_;
  std::jthread reader_;  // ends before what it uses
};

Result<void> carry_part(engine::BatchStream& part, engine::OutputLane& lane, const std::atomic<bool>& stop,
                        bool ahead) {
  std::optional<ReadAhead> reader;
  if (ahead) reader.emplace(part);
  while (!stop) {
    MS_ASSIGN(const auto batch, reader ? reader->next() : part.next());
    if (batch == nullptr) break;
    MS_TRY(lane.write(batch));
  }
  return {};
}

Result<void> carry_parts(SourceFrame& source, TargetFrame& target, const std::atomic<bool>& stop, bool ahead) {
  MS_ASSIGN(auto lane, target.open_lane());
  while (!stop) {
    MS_ASSIGN(auto part, source.open_next());
    if (part == nullptr) break;
    MS_TRY(carry_part(*part, *lane, stop, ahead));
  }
  return lane->close();
}

}  // namespace

Result<void> copy_directly(SourceFrame& source, TargetFrame& target, int threads) {
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::optional<Error> first;
  const auto parts = static_cast<int>(source.plan().partitions.size());
  // Threads that have no part of their own read ahead for the others.
  const bool ahead = threads > parts && !source.plan().unbounded;
  auto work = [&] {
    auto done = carry_parts(source, target, stop, ahead);
    if (done) return;
    stop = true;
    const std::lock_guard lock(mutex);
    if (!first) first = std::move(done).error();
  };
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
