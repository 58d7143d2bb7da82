#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

namespace mainstem::connector::testkit {

/// Runs `work` in a child process and waits for it: for what a killed process leaves behind. Returns true if the child
/// was killed, false if it ended by itself. No other thread may be running.
inline bool was_killed(const std::function<void()>& work) {
  const pid_t child = fork();
  CHECK(child >= 0, "a child process is needed");
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child, "the child is ours");
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/// Runs `begin` in a child process, which then keeps everything that `begin` has made (a lock, an open file) until this
/// object goes. No other thread may be running.
class HoldingProcess {
 public:
  /// `begin` returns a pointer to what is held, null if that failed.
  explicit HoldingProcess(const std::function<std::shared_ptr<void>()>& begin) {
    CHECK(pipe(ready_) == 0 && pipe(done_) == 0, "pipes are needed");
    child_ = fork();
    CHECK(child_ >= 0, "a child process is needed");
    if (child_ == 0) {
      const auto held = begin();
      char byte = held == nullptr ? 'n' : 'y';
      const bool told = ::write(ready_[1], &byte, 1) == 1 && ::read(done_[0], &byte, 1) == 1;
      _exit(told ? 0 : 1);
    }
  }
  HoldingProcess(const HoldingProcess&) = delete;
  HoldingProcess& operator=(const HoldingProcess&) = delete;
  ~HoldingProcess() {
    const char byte = 'x';
    if (::write(done_[1], &byte, 1) == 1) waitpid(child_, nullptr, 0);
    for (const int end : {ready_[0], ready_[1], done_[0], done_[1]}) close(end);
  }

  /// Waits until `begin` has returned; true if it holds something. To be called once.
  bool holds() {
    char byte = 'n';
    return ::read(ready_[0], &byte, 1) == 1 && byte == 'y';
  }

 private:
  int ready_[2] = {-1, -1};
  int done_[2] = {-1, -1};
  pid_t child_ = -1;
};

/// Ends this process at once, as `kill -9` does.
inline void kill_self() { std::raise(SIGKILL); }

}  // namespace mainstem::connector::testkit
