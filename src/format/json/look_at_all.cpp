#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "format/json/part.h"
#include "observability/context.h"

namespace mainstem::format::json {
namespace {

// Threads that take one part after the other until one of them fails.
class Crew {
 public:
  Crew(size_t parts, std::function<Result<Findings>(size_t)> look) : look_(std::move(look)), findings_(parts) {}

  Result<std::vector<Findings>> run(int threads) {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads && static_cast<size_t>(i) < findings_.size(); ++i)
      others.emplace_back([this] { work(); });
    work();
    others.clear();
    if (failure_) return std::move(*failure_);
    return std::move(findings_);
  }

 private:
  void work() {
    for (size_t part = taken_++; part < findings_.size(); part = taken_++) {
      auto found = look_(part);
      const std::lock_guard lock(mutex_);
      if (failure_) return;
      if (found)
        findings_[part] = *std::move(found);
      else
        failure_ = std::move(found).error();
    }
  }

  std::function<Result<Findings>(size_t)> look_;
  std::atomic<size_t> taken_{0};
  std::mutex mutex_;
  std::vector<Findings> findings_;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::vector<Findings>> look_at_all(Context& context, const std::vector<std::shared_ptr<io::Input>>& inputs,
                                          const ReadOptions& options, const std::vector<Part>& parts) {
  Crew crew(parts.size(), [&](size_t i) { return look_at(context, *inputs[parts[i].input], options, parts[i]); });
  MS_ASSIGN(auto findings, crew.run(context.threads));
  int64_t line = 1;
  for (size_t i = 0; i < findings.size(); ++i) {
    if (i > 0 && findings[i].part.input != findings[i - 1].part.input) line = 1;
    findings[i].part.line = line;
    line += findings[i].lines;
  }
  return findings;
}

}  // namespace mainstem::format::json
