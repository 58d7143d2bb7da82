#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "app/run_pipeline.h"
#include "cli/terminal/terminal.h"

namespace mainstem::cli::view {

/// Shows a run while it goes on: bars on a terminal, events as JSON lines with --json (one a second beside
/// those of its turns), else nothing.
class RunView final : public app::RunObserver {
 public:
  explicit RunView(terminal::Terminal& terminal) : terminal_(terminal) {}
  ~RunView() override { attempt_ended(); }

  void attempt_started(const run::Progress& progress) override;
  void planned(const std::string& run_id, const plan::Plan& plan) override;
  void attempt_ended() override;
  void retrying(const Error& error, std::chrono::milliseconds pause, int attempt, int attempts) override;
  void warn(const std::string& text) override { terminal_.warn(text); }

 private:
  void draw(const std::stop_token& stop, const run::Progress& progress);
  void report(const std::stop_token& stop, const run::Progress& progress);
  std::string progress_event(const run::Progress& progress) const;
  std::string bars(const run::Progress& progress) const;

  terminal::Terminal& terminal_;
  std::chrono::steady_clock::time_point start_;
  std::jthread drawer_;
};

/// What a run has done, for people: targets, steps whose rows went elsewhere, checks that failed, the error.
void print_result(terminal::Terminal& terminal, const run::RunResult& result);
/// The same for `copy`: one line a table.
void print_copy_result(terminal::Terminal& terminal, const run::RunResult& result);
/// Says that rows went to quarantine, and the command that shows them; nothing if there are none.
void print_quarantine(terminal::Terminal& terminal, const run::RunResult& result, const std::string& command);
/// The error on standard error, and the result document with --json.
void print_end(terminal::Terminal& terminal, const run::RunResult& result);

}  // namespace mainstem::cli::view
