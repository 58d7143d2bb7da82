// A store without transactions as the target of the executor: killed after any record and run again, it holds what one
// clean run leaves.
#include "connector/testkit/shapes/keyed_store.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "connector/testkit/child_process.h"
#include "run/tests/shape_runs.h"

namespace mainstem::run {
namespace {

using connector::testkit::was_killed;

std::map<std::string, std::string> files_below(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename().string().starts_with('.')) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    files[entry.path().lexically_relative(folder)] = bytes.str();
  }
  return files;
}

class KeyedStore : public ShapeRuns {
 protected:
  KeyedStore() : store_(connector::testkit::shapes::keyed_store()), memory_(memory_connector(system_)) {
    connections_.add("from", memory_, {});
  }

  // A run into a store of its own, in a process of its own that is killed at the given point (0 = never).
  bool killed(const std::string& folder, int at, const std::string& run_id) {
    return was_killed([&] {
      Connections connections;
      connections.add("from", memory_, {});
      connections.add("to", store_, config::Node::map({{"path", config::Node::scalar(folder)}}));
      int points = 0;
      context_.threads = 1;
      context_.on_point = [&](std::string_view) {
        if (++points == at) connector::testkit::kill_self();
      };
      NoEngineNeeded engine;
      Progress progress;
      const Environment environment{.context = context_,
                                    .engine = engine,
                                    .connections = connections,
                                    .progress = progress,
                                    .limits = {},
                                    .slice = {},
                                    .sleep = {}};
      auto copy = Copy{.source = "numbers",
                       .target = "target",
                       .schema = numbers_schema(),
                       .mode = connector::WriteMode::merge,
                       .key = {"id"},
                       .cursor = connector::CursorRange{.column = "id", .after = {}, .lookback = {}}};
      auto plan = plan_of({copy});
      std::get<plan::OpenSource>(plan.stages[0]).run_filters_cursor = true;
      const auto result = execute(environment, plan, {}, run_id);
      EXPECT_FALSE(result.error) << result.error->to_string();
    });
  }

  MemorySystem system_;
  connector::ConnectorSpec store_;
  connector::ConnectorSpec memory_;
};

TEST_F(KeyedStore, KilledAfterAnyRecordAndRunAgainIsOneCleanRun) {
  system_.partitions = {{{1, 2, 3}, {4, 5}}, {{6}}};
  const connector::testkit::TemporaryFolder clean;
  ASSERT_FALSE(killed(clean.path(), 0, "run"));
  const auto wanted = files_below(clean.path());
  EXPECT_EQ(wanted.size(), 8U) << "six records, a schema and the state";
  int point = 1;
  for (bool reached = true; reached; ++point) {
    const connector::testkit::TemporaryFolder folder;
    reached = killed(folder.path(), point, "run");
    // The state is written last: as long as a record is missing, it says nothing.
    const auto left = files_below(folder.path());
    const bool has_state = std::ranges::any_of(left, [](const auto& file) { return file.first.starts_with("_state"); });
    EXPECT_TRUE(!has_state || left.size() == wanted.size()) << "point " << point;
    ASSERT_FALSE(killed(folder.path(), 0, "run"));
    EXPECT_EQ(files_below(folder.path()), wanted) << "point " << point;
  }
  EXPECT_GT(point, 12) << "six records, the state, and the steps of the run";
}

}  // namespace
}  // namespace mainstem::run
