// A run that is killed, and run again as the orchestrator would: it asks the target for the position, and does nothing
// if that says that everything is published. The points at which it is killed are all those that the connector and the
// run reach on the way, one after the other; their number is found out by a run that is not killed.
#include <chrono>
#include <fmt/format.h>

#include "config/convert.h"
#include "connector/testkit/child_process.h"
#include "connector/testkit/rule_list.h"

namespace mainstem::connector::testkit {
namespace {

struct Load {
  std::vector<WriteRequest> requests;  ///< two tables where they are published together
  WriteMode mode = WriteMode::replace;
  Delivery delivery = Delivery::transactional;
  Rows before = make_rows(1, 9);
  Rows given = make_rows(7, 8);
  Rows after;
};

Load load_of(Trial& trial, WriteMode mode, Delivery delivery, int number) {
  Load load;
  load.mode = mode;
  load.delivery = delivery;
  load.requests.push_back(trial.writing(fmt::format("one_{}", number), mode));
  if (trial.spec.capabilities.group_publish)
    load.requests.push_back(trial.writing(fmt::format("two_{}", number), mode));
  for (auto& row : load.given) row.name = "given";
  load.after = expected_after(mode, load.before, load.given);
  return load;
}

// In a process of its own, so that no thread that it may start is there when the next one is killed.
Result<std::vector<std::string>> points_of_a_run(Trial& trial, const Load& load) {
  const auto list = trial.test.scratch / "points";
  const bool killed = was_killed([&] {
    std::FILE* file = std::fopen(list.c_str(), "w");
    trial.context.on_point = [file](std::string_view point) {
      std::fprintf(file, "%.*s\n", static_cast<int>(point.size()), point.data());
    };
    const auto done = trial.write(load.requests, load.given, "2", "run-2");
    if (!done) std::fprintf(file, "failed: %s\n", done.error().to_string().c_str());
    std::fclose(file);
  });
  if (killed) return broken("a run that nobody kills ends by a signal");
  std::vector<std::string> points;
  std::FILE* file = std::fopen(list.c_str(), "r");
  std::array<char, 512> line{};
  while (std::fgets(line.data(), line.size(), file) != nullptr) {
    points.emplace_back(line.data());
    points.back().pop_back();
  }
  std::fclose(file);
  if (points.empty() || points.back().starts_with("failed")) return broken("a run fails: " + points.back());
  return points;
}

void run_until_point(Trial& trial, const Load& load, size_t number) {
  size_t reached = 0;
  trial.context.on_point = [&reached, number](std::string_view) {
    if (reached++ == number) kill_self();
  };
  static_cast<void>(trial.write(load.requests, load.given, "2", "run-2"));
}

Result<void> expect_old_or_new(Trial& trial, const Load& load, const WriteRequest& request, bool published) {
  MS_ASSIGN(const auto rows, trial.rows(request.name));
  if (published) return expect_rows(rows, load.after, "the state says it is published");
  switch (load.delivery) {
    case Delivery::transactional:
    case Delivery::atomic_commit: return expect_rows(rows, load.before, "the state says it is not published");
    case Delivery::atomic_swap: return rows == load.after ? Result<void>() : expect_rows(rows, load.before, "swapped");
    case Delivery::idempotent:
    case Delivery::at_least_once: return {};
  }
  return {};
}

// A server may take a moment to notice that its client is gone, and then says that the target is being loaded.
Result<void> write_again(Trial& trial, const Load& load) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (true) {
    const auto done = trial.write(load.requests, load.given, "2", "run-3");
    if (done) return {};
    if (done.error().code() != ErrorCode::conflict || std::chrono::steady_clock::now() > deadline) return done.error();
  }
}

Result<void> run_again(Trial& trial, const Load& load) {
  std::optional<std::string> state;
  for (const auto& request : load.requests) {
    MS_ASSIGN(const auto position, trial.published_position(request));
    if (position != "1" && position != "2") return broken("a killed run loses the position");
    if (state && *state != position) return broken("tables of one group are published apart");
    state = position;
    MS_TRY(expect_old_or_new(trial, load, request, position == "2"));
  }
  if (state == "1") MS_TRY(write_again(trial, load));
  for (const auto& request : load.requests) {
    MS_ASSIGN(const auto rows, trial.rows(request.name));
    if (load.delivery == Delivery::at_least_once) {
      if (!std::ranges::includes(rows, load.after)) return broken("rows are missing: " + shown(rows));
    } else {
      MS_TRY(expect_rows(rows, load.after, "run again"));
    }
    MS_ASSIGN(const auto position, trial.published_position(request));
    if (position != "2") return broken("the second run's position is " + position);
  }
  return {};
}

Result<void> expect_tidy(Trial& trial, const std::vector<std::string>& tables) {
  MS_ASSIGN(const auto sink, trial.sink());
  MS_ASSIGN(const auto orphans, sink->find_orphans(trial.context));
  for (const auto& orphan : orphans)
    if (orphan.run_id != "run-2" && !orphan.run_id.empty()) return broken("an orphan of no killed run: " + orphan.name);
  MS_TRY(sink->remove_orphans(trial.context, orphans));
  MS_ASSIGN(const auto left, sink->find_orphans(trial.context));
  if (!left.empty()) return broken("an orphan cannot be removed: " + left.front().name);
  if (!trial.spec.capabilities.discover) return {};
  MS_ASSIGN(const auto tables_now, trial.discovered());
  if (tables_now != tables) return broken("a killed run leaves a table");
  return {};
}

Result<void> killed_and_run_again(Trial& trial, WriteMode mode, Delivery delivery) {
  const auto clean = load_of(trial, mode, delivery, 0);
  MS_TRY(trial.write(clean.requests, clean.before, "1"));
  MS_ASSIGN(const auto points, points_of_a_run(trial, clean));
  for (size_t i = 0; i < points.size(); ++i) {
    const auto when = fmt::format("killed at {} (point {} of {})", points[i], i + 1, points.size());
    const auto load = load_of(trial, mode, delivery, static_cast<int>(i) + 1);
    MS_TRY_DURING(trial.write(load.requests, load.before, "1"), when);
    std::vector<std::string> tables;
    if (trial.spec.capabilities.discover) {
      MS_ASSIGN(tables, trial.discovered());
    }
    if (!was_killed([&] { run_until_point(trial, load, i); })) return broken(when + ": the point is not reached again");
    MS_TRY_DURING(run_again(trial, load), when);
    MS_TRY_DURING(expect_tidy(trial, tables), when);
  }
  return {};
}

}  // namespace

void add_crash_rules(RuleList& list) {
  for (const auto& write : list.capabilities.writes)
    list.add(config::Conversion<WriteMode>::write(write.first) + "_killed_anywhere_and_run_again",
             [write](Trial& trial) { return killed_and_run_again(trial, write.first, write.second); });
}

}  // namespace mainstem::connector::testkit
