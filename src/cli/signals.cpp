#include "cli/signals.h"

#include <atomic>
#include <csignal>
#include <unistd.h>

namespace mainstem::cli {
namespace {

// A signal handler can reach nothing but globals.
std::atomic<Cancellation*> g_cancellation{nullptr};
std::atomic<int> g_signal{0};
std::atomic<bool> g_pipe_closed{false};

void on_signal(int signal) {
  if (g_signal.exchange(signal) != 0) _exit(128 + signal);
  static constexpr char kText[] = "\nstopping at the next safe point; once more to stop at once\n";
  // Nothing can be done in a handler about a message that cannot be written.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kText, sizeof(kText) - 1);
  if (auto* cancellation = g_cancellation.load()) cancellation->request();
}

void on_closed_pipe(int) { g_pipe_closed = true; }

}  // namespace

void watch_signals(Cancellation& cancellation) {
  g_cancellation = &cancellation;
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = on_closed_pipe;
  sigaction(SIGPIPE, &action, nullptr);
  action.sa_handler = SIG_IGN;
  // A limit on the size of files is an error of the write, not a death.
  sigaction(SIGXFSZ, &action, nullptr);
}

int signal_received() { return g_signal; }

bool pipe_closed() { return g_pipe_closed; }

}  // namespace mainstem::cli
