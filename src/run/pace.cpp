#include "run/pace.h"

#include <algorithm>
#include <thread>

#include "observability/context.h"

namespace mainstem::run {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{50};  // so that a wish to stop is heard soon
constexpr milliseconds kLongest{3'600'000};
constexpr milliseconds kFirstBackOff{100};
constexpr int kMostAttempts = 8;
// Readers that share a limit may overtake each other after a pause.
constexpr int kMostAttemptsWhenLimited = 100;

}  // namespace

Pace::Pace(const Clock& clock, Sleep sleep) : clock_(clock), sleep_(std::move(sleep)) {
  if (!sleep_) sleep_ = [](milliseconds time) { std::this_thread::sleep_for(time); };
}

Result<void> Pace::wait(const Context& context) {
  while (true) {
    MS_TRY(context.cancellation.check());
    milliseconds left;
    {
      const std::lock_guard lock(mutex_);
      left = std::chrono::ceil<milliseconds>(until_ - clock_.now());
    }
    if (left <= milliseconds::zero()) return {};
    sleep_(std::min(left, kSlice));
  }
}

bool Pace::postpone(const Error& error, int attempt) {
  if (!error.retryable() || !error.retry_after()) return false;
  const bool limited = error.code() == ErrorCode::rate_limited;
  if (attempt >= (limited ? kMostAttemptsWhenLimited : kMostAttempts)) return false;
  // A limit has its own end; what is out of order is asked less and less often.
  const auto pause = limited ? *error.retry_after() : std::max(*error.retry_after(), kFirstBackOff * (1 << attempt));
  if (pause > kLongest) return false;
  const std::lock_guard lock(mutex_);
  until_ = std::max(until_, clock_.now() + pause);
  return true;
}

}  // namespace mainstem::run
