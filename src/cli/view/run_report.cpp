#include "cli/view/run_report.h"

#include <algorithm>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>

#include "app/result_json.h"
#include "base/json.h"
#include "cli/terminal/table.h"

namespace mainstem::cli::view {
namespace {

using terminal::Colour;
using terminal::short_bytes;
using terminal::short_seconds;
using terminal::with_separators;

constexpr auto kRedrawPause = std::chrono::milliseconds(100);
constexpr auto kEventPause = std::chrono::seconds(1);

// Waits for the pause or for the stop, whichever comes first.
void wait(const std::stop_token& stop, std::chrono::milliseconds pause) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, pause, [] { return false; });
}

std::string counted_rows(int64_t rows) { return with_separators(rows) + (rows == 1 ? " row" : " rows"); }

int64_t done_rows(const run::StepCounters& step) { return step.kind == "target" ? step.rows_written : step.rows_read; }

std::string bar(double share, int width) {
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * width);
  std::string text;
  for (int i = 0; i < width; ++i) text += i < full ? "━" : "╌";
  return text;
}

double rows_a_second(int64_t rows, double seconds) { return seconds > 0 ? static_cast<double>(rows) / seconds : 0; }

Colour colour_of(run::Outcome outcome) {
  switch (outcome) {
    case run::Outcome::ok: return Colour::green;
    case run::Outcome::nothing_to_do: return Colour::blue;
    case run::Outcome::cancelled: return Colour::yellow;
    default: return Colour::red;
  }
}

std::string changes(const run::TargetResult& target) {
  if (!target.published) return "nothing";
  std::vector<std::string> parts;
  if (target.inserted > 0) parts.push_back(with_separators(target.inserted) + " inserted");
  if (target.updated > 0) parts.push_back(with_separators(target.updated) + " updated");
  if (target.deleted > 0) parts.push_back(with_separators(target.deleted) + " deleted");
  return fmt::format("{}", fmt::join(parts, ", "));
}

void print_targets(terminal::Terminal& terminal, const run::RunResult& result) {
  if (result.targets.empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const auto& target : result.targets)
    rows.push_back({target.table, target.mode, with_separators(target.rows), changes(target),
                    target.rows_after < 0 ? "" : with_separators(target.rows_after), target.verified});
  terminal.print(terminal::draw_table({{.title = "target"},
                                       {.title = "mode"},
                                       {.title = "rows", .right = true},
                                       {.title = "published"},
                                       {.title = "rows after", .right = true},
                                       {.title = "verified"}},
                                      rows, terminal.width()));
}

void print_sources(terminal::Terminal& terminal, const run::RunResult& result) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& step : result.steps)
    if (step.kind == "source")
      rows.push_back({step.name, with_separators(step.rows_read), with_separators(step.rows_written),
                      with_separators(step.rows_quarantined), with_separators(step.rows_filtered),
                      short_bytes(step.bytes)});
  if (rows.empty()) return;
  terminal.print(terminal::draw_table({{.title = "source"},
                                       {.title = "rows read", .right = true},
                                       {.title = "handed on", .right = true},
                                       {.title = "quarantined", .right = true},
                                       {.title = "filtered", .right = true},
                                       {.title = "size", .right = true}},
                                      rows, terminal.width()));
  terminal.print("\n");
}

void print_checks(terminal::Terminal& terminal, const run::RunResult& result) {
  std::vector<std::vector<std::string>> rows;
  size_t passed = 0;
  for (const auto& verdict : result.checks) {
    if (verdict.status == check::Status::pass) {
      ++passed;
      continue;
    }
    const bool failed = verdict.status == check::Status::fail;
    rows.push_back({verdict.name, failed ? "failed" : "warned", with_separators(verdict.failing_rows),
                    verdict.severity == check::Severity::warn
                        ? "warn"
                        : config::Conversion<check::OnFail>::write(verdict.on_fail)});
  }
  if (result.checks.empty()) return;
  terminal.print("\n");
  if (!rows.empty())
    terminal.print(terminal::draw_table(
        {{.title = "check"}, {.title = "verdict"}, {.title = "rows", .right = true}, {.title = "on fail"}}, rows,
        terminal.width()));
  terminal.line(fmt::format("{} of {} checks passed", passed, result.checks.size()));
}

}  // namespace

std::string RunView::bars(const run::Progress& progress) const {
  constexpr int kBarWidth = 24;
  constexpr size_t kMostLines = 12;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  auto steps = progress.steps();
  if (steps.size() > kMostLines) steps.erase(steps.begin(), steps.end() - kMostLines);
  std::string text;
  for (const auto* step : steps) {
    const int64_t rows = done_rows(*step);
    const int64_t all = step->estimated_rows;
    const double share = step->done ? 1 : (all > 0 ? static_cast<double>(rows) / static_cast<double>(all) : 0);
    const double rate = rows_a_second(rows, seconds);
    auto line = fmt::format("{:<6} {} {} {} rows", step->kind, terminal::fitted(step->name + std::string(24, ' '), 24),
                            bar(share, kBarWidth), with_separators(rows));
    if (!step->done && rate > 0) line += fmt::format("  {}/s", with_separators(static_cast<int64_t>(rate)));
    if (!step->done && all > rows && rate > 0)
      line += fmt::format("  {} left", short_seconds(static_cast<double>(all - rows) / rate));
    text += terminal::fitted(line, terminal_.width() - 1) + "\n";
  }
  if (const auto phase = progress.phase(); !phase.empty())
    text += terminal::fitted(fmt::format("{}, {}", phase, short_seconds(seconds)), terminal_.width() - 1) + "\n";
  return text;
}

std::string RunView::progress_event(const run::Progress& progress) const {
  JsonWriter json;
  json.begin_object()
      .member("event", "progress")
      .member("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count());
  json.member("phase", progress.phase()).key("steps").begin_array();
  for (const auto* step : progress.steps())
    json.begin_object()
        .member("name", step->name)
        .member("kind", step->kind)
        .member("rows", done_rows(*step))
        .member("estimated_rows", step->estimated_rows < 0 ? std::nullopt : std::optional(step->estimated_rows.load()))
        .member("bytes", step->bytes.load())
        .member("done", step->done.load())
        .end_object();
  return json.end_array().end_object().take();
}

void RunView::report(const std::stop_token& stop, const run::Progress& progress) {
  while (true) {
    wait(stop, kEventPause);
    if (stop.stop_requested()) return;
    terminal_.line(progress_event(progress));
  }
}

void RunView::draw(const std::stop_token& stop, const run::Progress& progress) {
  while (!stop.stop_requested()) {
    wait(stop, kRedrawPause);
    if (!stop.stop_requested()) terminal_.redraw(bars(progress));
  }
  terminal_.redraw("");
}

void RunView::planned(const std::string& run_id, const plan::Plan& plan) {
  if (!terminal_.json()) return;
  terminal_.line(JsonWriter()
                     .begin_object()
                     .member("event", "run_started")
                     .member("run_id", run_id)
                     .member("pipeline", plan.pipeline)
                     .member("stages", plan.stages.size())
                     .end_object()
                     .take());
}

void RunView::attempt_started(const run::Progress& progress) {
  start_ = std::chrono::steady_clock::now();
  if (terminal_.json())
    drawer_ = std::jthread([this, &progress](const std::stop_token& stop) { report(stop, progress); });
  if (terminal_.interactive())
    drawer_ = std::jthread([this, &progress](const std::stop_token& stop) { draw(stop, progress); });
}

void RunView::attempt_ended() {
  if (!drawer_.joinable()) return;
  drawer_.request_stop();
  drawer_.join();
}

void RunView::retrying(const Error& error, std::chrono::milliseconds pause, int attempt, int attempts) {
  const double seconds = std::chrono::duration<double>(pause).count();
  terminal_.warn(
      fmt::format("{}; attempt {} of {} follows in {}", error.chain(), attempt, attempts, short_seconds(seconds)));
  if (!terminal_.json()) return;
  JsonWriter json;
  json.begin_object().member("event", "retrying").member("attempt", attempt).member("pause_seconds", seconds);
  json.key("error");
  app::write_error(json, error);
  terminal_.line(json.end_object().take());
}

void print_result(terminal::Terminal& terminal, const run::RunResult& result) {
  if (!terminal.quiet()) {
    print_sources(terminal, result);
    print_targets(terminal, result);
    print_checks(terminal, result);
  }
  auto text = fmt::format("{} {}: {} in {}", terminal.paint(colour_of(result.status), "●"), result.pipeline,
                          to_string(result.status), short_seconds(result.seconds));
  if (result.rows_quarantined > 0) text += fmt::format(", {} in quarantine", counted_rows(result.rows_quarantined));
  for (const auto& cursor : result.cursors)
    text += fmt::format("\n  {} stands at {}", cursor.source, cursor.after.value_or("the beginning"));
  terminal.line(text + terminal.paint(Colour::grey, "  run " + result.run_id));
  if (!result.repeats.empty())
    terminal.line(
        fmt::format("  run {} stopped behind its publish, with the same input: its rows are not added again\n"
                    "  to add them once more, run this again",
                    result.repeats));
}

void print_copy_result(terminal::Terminal& terminal, const run::RunResult& result) {
  for (const auto& target : result.targets) {
    if (!target.published) continue;
    const auto step = std::ranges::find_if(
        result.steps, [&](const auto& one) { return one.kind == "target" && one.name == target.table; });
    const double seconds = result.targets.size() == 1 || step == result.steps.end() ? result.seconds : step->seconds;
    const int64_t bytes = step == result.steps.end() ? 0 : step->bytes;
    terminal.line(fmt::format("{}  {}  {}  {}  {} rows/s  peak {}  hash {}  {} quarantined",
                              terminal.paint(Colour::bold, target.table), counted_rows(target.rows), short_bytes(bytes),
                              short_seconds(seconds),
                              with_separators(static_cast<int64_t>(rows_a_second(target.rows, seconds))),
                              short_bytes(result.peak_memory_bytes), target.content_hash.substr(0, 12),
                              with_separators(result.rows_quarantined)));
  }
}

void print_quarantine(terminal::Terminal& terminal, const run::RunResult& result, const std::string& command) {
  if (result.error || result.rows_quarantined == 0) return;
  int64_t read = 0;
  for (const auto& step : result.steps)
    if (step.kind == "source") read += step.rows_read;
  terminal.warn(fmt::format("{} of {} went to quarantine; the first is {}\n  see them: {}",
                            with_separators(result.rows_quarantined), counted_rows(read), result.first_quarantined,
                            command));
}

void print_end(terminal::Terminal& terminal, const run::RunResult& result) {
  if (result.error) terminal.error(*result.error);
  if (terminal.json()) terminal.line(app::result_json(result));
}

}  // namespace mainstem::cli::view
