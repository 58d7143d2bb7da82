#include "connectors/files/sink.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connector/testkit/test_context.h"
#include "connectors/files/manifest.h"
#include "connectors/files/source.h"
#include "connectors/files/tests/lines_format.h"
#include "io/durable.h"
#include "io/output.h"

namespace mainstem::connectors::files {
namespace {

namespace fs = std::filesystem;
using config::Node;
using connector::StateRecords;
using connector::WriteMode;
using connector::WriteRequest;
using Lines = std::vector<std::string>;
using Options = std::vector<std::pair<std::string, Node>>;

std::shared_ptr<arrow::RecordBatch> batch(const Lines& values, const Lines& days) {
  arrow::StringBuilder lines;
  arrow::StringBuilder partition;
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_TRUE(lines.Append(values[i]).ok());
    EXPECT_TRUE((days[i] == "null" ? partition.AppendNull() : partition.Append(days[i])).ok());
  }
  const auto schema = arrow::schema({arrow::field("day", arrow::utf8()), arrow::field("line", arrow::utf8())});
  return arrow::RecordBatch::Make(schema, static_cast<int64_t>(values.size()),
                                  {partition.Finish().ValueOrDie(), lines.Finish().ValueOrDie()});
}

class SinkTest : public testing::Test {
 protected:
  std::unique_ptr<connector::Sink> sink() {
    return make_sink(Node::map({{"path", Node::scalar(folder_.path())}}), lines_formats()).value();
  }
  static WriteRequest request(const std::string& path, WriteMode mode, bool partitioned, Options more = {}) {
    WriteRequest request{.name = path};
    more.emplace_back("path", Node::scalar(path));
    if (!path.ends_with(".txt") && path != "-" && !path.ends_with(".gz"))
      more.emplace_back("format", Node::scalar("lines"));
    request.options = Node::map(std::move(more));
    request.mode = mode;
    request.schema = batch({}, {})->schema();
    if (partitioned) request.partition_by = {"day"};
    return request;
  }
  static StateRecords state(const std::string& target, const std::string& position) {
    return {{.pipeline = "p",
             .source = "s",
             .target = target,
             .position = {.bytes = std::string("\0\xFF", 2) + position, .printable = position},
             .run_id = "r",
             .published_at = "2026-01-01"}};
  }
  Result<connector::PublishedTable> write(const WriteRequest& request, const std::shared_ptr<arrow::RecordBatch>& rows,
                                          const std::string& run_id, const StateRecords& state = {}) {
    auto sink = this->sink();
    MS_TRY(sink->check(context_, request));
    MS_ASSIGN(auto unit, sink->begin(context_, run_id));
    MS_ASSIGN(auto table, unit->stage(context_, request));
    MS_ASSIGN(auto lane, table->open_lane(context_));
    if (rows != nullptr) MS_TRY(lane->write(context_, *rows));
    MS_TRY(lane->close(context_));
    MS_ASSIGN(const auto receipt, table->finish(context_));
    EXPECT_EQ(receipt.rows, rows == nullptr ? 0 : rows->num_rows());
    MS_ASSIGN(auto published, unit->commit(context_, state));
    return published.at(0);
  }
  Lines read(const std::string& path) {
    auto source = make_source(Node::map({{"path", Node::scalar(folder_.path())}}), lines_formats()).value();
    connector::ReadRequest request{.name = "s"};
    request.options = Node::map({{"path", Node::scalar(path)}});
    auto planned = source->plan_read(context_, request);
    if (!planned) return {planned.error().to_string()};
    Lines lines;
    for (const auto& partition : (*planned)->plan().partitions) {
      auto reader = (*planned)->open(context_, partition).value();
      while (auto rows = reader->next(context_).value())
        for (int64_t row = 0; row < rows->rows->num_rows(); ++row) {
          std::string line;
          for (const auto& column : rows->rows->columns())
            line += (line.empty() ? "" : "|") + column->GetScalar(row).ValueOrDie()->ToString();
          lines.push_back(line);
        }
    }
    std::ranges::sort(lines);
    return lines;
  }
  // Files that a program which knows no manifest sees, by folder.
  Lines visible(const std::string& path) {
    Lines names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / path)) {
      const auto name = entry.path().lexically_relative(folder_ / path).string();
      if (entry.is_regular_file() && !name.starts_with("_mainstem/"))
        names.push_back(fs::path(name).parent_path().string());
    }
    std::ranges::sort(names);
    return names;
  }
  bool everything_tidy(const std::string& path) { return !fs::exists(folder_ / path + "/_mainstem/staging/r2"); }

  connector::testkit::TestContext context_;
  connector::testkit::TemporaryFolder folder_;
};

TEST_F(SinkTest, single_file) {
  auto table = write(request("out/a.txt", WriteMode::replace, false), batch({"1", "2"}, {"x", "y"}), "r1",
                     state("out/a.txt", "7"))
                   .value();
  EXPECT_EQ(table.inserted, 2);
  EXPECT_EQ(read("out/a.txt"), (Lines{"x,1", "y,2"}));
  const auto records =
      sink()->published_state(context_, "p", {request("out/a.txt", WriteMode::replace, false)}).value();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].position.bytes, std::string("\0\xFF", 2) + "7");
  EXPECT_TRUE(sink()->published_state(context_, "other", {request("out/a.txt", WriteMode::replace, false)})->empty());
  ASSERT_TRUE(write(request("b.txt.gz", WriteMode::replace, false), batch({"1"}, {"x"}), "r1"));
  EXPECT_EQ(read("b.txt.gz"), Lines{"x,1"});
  EXPECT_FALSE(fs::exists(folder_ / ".b.txt.gz.mainstem.json"));
}

TEST_F(SinkTest, abandoned_leaves_nothing) {
  {
    auto sink = this->sink();
    auto unit = sink->begin(context_, "r1").value();
    auto file = unit->stage(context_, request("a.txt", WriteMode::replace, false)).value();
    auto set = unit->stage(context_, request("set", WriteMode::append, true)).value();
    auto lane = set->open_lane(context_).value();
    ASSERT_TRUE(lane->write(context_, *batch({"1"}, {"x"})));
    unit->abort();
  }
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(SinkTest, append_replace_and_partition) {
  const auto days = [](const Lines& names) { return batch(Lines(names.size(), "1"), names); };
  ASSERT_TRUE(write(request("set", WriteMode::append, true), days({"a", "b", "a"}), "r1", state("set", "1")));
  EXPECT_EQ(read("set"), (Lines{"a|1", "a|1", "b|1"}));
  auto table = write(request("set", WriteMode::append, true), days({"a", "null"}), "r2").value();
  EXPECT_EQ(table.rows_after, 5);
  EXPECT_EQ(visible("set"), (Lines{"day=__HIVE_DEFAULT_PARTITION__", "day=a", "day=a", "day=b"}));
  table = write(request("set", WriteMode::partition, true), batch({"9"}, {"a"}), "r3").value();
  EXPECT_EQ(table.deleted, 3);
  EXPECT_EQ(read("set"), (Lines{"a|9", "b|1", "null|1"}));
  EXPECT_EQ(visible("set"), (Lines{"day=__HIVE_DEFAULT_PARTITION__", "day=a", "day=b"}));
  EXPECT_EQ(sink()->published_state(context_, "p", {request("set", WriteMode::append, true)})->size(), 1U);
  table = write(request("set", WriteMode::replace, true), days({"c"}), "r4").value();
  EXPECT_EQ(table.deleted, 3);
  EXPECT_EQ(visible("set"), Lines{"day=c"});
  EXPECT_FALSE(fs::exists(folder_ / "set/_mainstem/staging/r4/4"));
}

TEST_F(SinkTest, empty_results) {
  ASSERT_TRUE(write(request("set", WriteMode::replace, false), nullptr, "r1"));
  EXPECT_EQ(visible("set"), Lines{""});
  ASSERT_TRUE(write(request("parts", WriteMode::replace, true), nullptr, "r1"));
  EXPECT_TRUE(read("parts").empty());
}

TEST_F(SinkTest, many_partitions_with_few_open_files) {
  Lines days;
  for (int i = 0; i < 50; ++i) days.push_back("d" + std::to_string(i % 10));
  const auto rows = batch(Lines(50, "x"), days);
  ASSERT_TRUE(write(request("set", WriteMode::append, true, {{"max_open_files", Node::scalar("2")}}), rows, "r1"));
  EXPECT_EQ(read("set").size(), 50U);
  EXPECT_EQ(visible("set").size(), 10U);
  ASSERT_TRUE(write(request("rolled", WriteMode::append, false, {{"max_file_size", Node::scalar("1")}}), rows, "r1"));
  ASSERT_TRUE(write(request("rolled", WriteMode::append, false, {{"max_file_size", Node::scalar("1")}}), rows, "r2"));
  EXPECT_EQ(visible("rolled").size(), 2U);
}

// Runs a publish in a child process that ends at once at the given point.
class KilledSinkTest : public SinkTest, public testing::WithParamInterface<std::tuple<const char*, int>> {};

TEST_P(KilledSinkTest, leaves_the_old_set_or_the_new_one) {
  const auto [point, turn] = GetParam();
  const bool committed =
      std::string_view(point) != "sink.commit.begin" && std::string_view(point) != "files.commit.begin";
  ASSERT_TRUE(write(request("set", WriteMode::append, true), batch({"1", "2"}, {"a", "b"}), "r1", state("set", "1")));
  const auto child = ::fork();
  if (child == 0) {
    int left = turn;
    context_.context.on_point = [&left, wanted = point](std::string_view reached) {
      if (reached == wanted && --left == 0) ::_exit(42);
    };
    const auto ignored =
        write(request("set", WriteMode::replace, true), batch({"3", "4"}, {"b", "c"}), "r2", state("set", "2"));
    ::_exit(ignored ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 42) << "the point was not reached";
  const Lines expected = committed ? Lines{"b|3", "c|4"} : Lines{"a|1", "b|2"};
  EXPECT_EQ(read("set"), expected);
  EXPECT_EQ(
      sink()->published_state(context_, "p", {request("set", WriteMode::append, true)}).value()[0].position.printable,
      committed ? "2" : "1");
  // The next run finishes or forgets what was begun.
  ASSERT_TRUE(write(request("set", WriteMode::append, true), batch({"5"}, {"d"}), "r3"));
  auto all = expected;
  all.emplace_back("d|5");
  EXPECT_EQ(read("set"), all);
  EXPECT_EQ(visible("set").size(), 3U);
  EXPECT_TRUE(sink()->find_orphans(context_)->empty());
}

INSTANTIATE_TEST_SUITE_P(every_step, KilledSinkTest,
                         testing::Values(std::tuple("sink.commit.begin", 1), std::tuple("files.commit.begin", 1),
                                         std::tuple("files.commit.manifest", 1), std::tuple("files.commit.move", 1),
                                         std::tuple("files.commit.move", 2), std::tuple("files.commit.remove", 1),
                                         std::tuple("files.commit.remove", 2), std::tuple("files.commit.cleaned", 1),
                                         std::tuple("files.commit.end", 1), std::tuple("sink.commit.end", 1)));

TEST_F(SinkTest, orphans_of_a_killed_run_are_found_and_removed) {
  const auto child = ::fork();
  if (child == 0) {
    auto sink = this->sink();
    auto unit = sink->begin(context_, "dead").value();
    auto set = unit->stage(context_, request("set", WriteMode::append, true)).value();
    auto file = unit->stage(context_, request("a.txt", WriteMode::replace, false)).value();
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  auto unit = sink()->begin(context_, "alive").value();
  auto alive = unit->stage(context_, request("b.txt", WriteMode::replace, false)).value();
  auto orphans = sink()->find_orphans(context_).value();
  ASSERT_EQ(orphans.size(), 2U);
  EXPECT_EQ(orphans[0].run_id, "dead");
  ASSERT_TRUE(sink()->remove_orphans(context_, orphans));
  EXPECT_TRUE(sink()->find_orphans(context_)->empty());
  EXPECT_FALSE(fs::exists(folder_ / "set/_mainstem/staging"));
}

TEST_F(SinkTest, a_single_file_removes_what_its_killed_runs_left) {
  const auto leftovers = [&] {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      if (io::is_unpublished_name(entry.path().filename().string())) ++count;
    return count;
  };
  const auto child = ::fork();
  if (child == 0) {
    auto sink = this->sink();
    auto unit = sink->begin(context_, "dead").value();
    auto one = unit->stage(context_, request("a.txt", WriteMode::replace, false)).value();
    auto other = unit->stage(context_, request("a.txt.gz", WriteMode::replace, false)).value();
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(leftovers(), 2);
  auto living = sink();
  auto unit = living->begin(context_, "alive").value();
  auto staged = unit->stage(context_, request("b.txt", WriteMode::replace, false)).value();
  ASSERT_TRUE(write(request("a.txt", WriteMode::replace, false), batch({"1"}, {"a"}), "r2"));
  EXPECT_EQ(leftovers(), 2) << "those of a.txt.gz and of the run that lives";
}

// Rows without a cursor behind them, as the quarantine's, would never be read again.
TEST_F(SinkTest, what_has_no_cursor_is_committed_first) {
  const auto child = ::fork();
  if (child == 0) {
    context_.context.on_point = [](std::string_view reached) {
      if (reached == "files.commit.end") ::_exit(42);
    };
    auto sink = this->sink();
    auto unit = sink->begin(context_, "r1").value();
    for (const auto* path : {"set", "set.quarantine"}) {
      auto table = unit->stage(context_, request(path, WriteMode::append, true)).value();
      auto lane = table->open_lane(context_).value();
      if (!lane->write(context_, *batch({"1"}, {"a"})) || !lane->close(context_) || !table->finish(context_))
        ::_exit(1);
    }
    ::_exit(unit->commit(context_, state("set", "1")) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), 42);
  EXPECT_EQ(read("set.quarantine"), Lines{"a|1"});
  EXPECT_FALSE(fs::exists(folder_ / "set/_mainstem/manifest.json"));
}

TEST_F(SinkTest, one_run_at_a_time) {
  auto sink = this->sink();
  auto unit = sink->begin(context_, "r1").value();
  auto set = unit->stage(context_, request("set", WriteMode::append, true)).value();
  auto other = sink->begin(context_, "r2").value();
  EXPECT_EQ(other->stage(context_, request("set", WriteMode::append, true)).error().code(), ErrorCode::conflict);
}

TEST_F(SinkTest, files_of_others_are_safe) {
  fs::create_directories(folder_ / "theirs/sub");
  std::ofstream(folder_ / "theirs/sub/precious.txt") << "x\n";
  for (const auto mode : {WriteMode::replace, WriteMode::append})
    EXPECT_EQ(sink()->check(context_, request("theirs", mode, false)).error().code(), ErrorCode::already_exists);
  const Options overwrite{{"overwrite", Node::scalar("true")}};
  EXPECT_FALSE(sink()->check(context_, request("theirs", WriteMode::append, false, overwrite)));
  ASSERT_TRUE(write(request("theirs", WriteMode::replace, false, overwrite), batch({"1"}, {"a"}), "r1"));
  EXPECT_FALSE(fs::exists(folder_ / "theirs/sub"));
  EXPECT_EQ(visible("theirs"), Lines{""});
}

TEST_F(SinkTest, what_does_not_fit_is_refused_before_a_row_is_read) {
  const auto code = [this](const WriteRequest& request) { return sink()->check(context_, request).error().code(); };
  ASSERT_TRUE(write(request("set", WriteMode::append, true), batch({"1"}, {"a"}), "r1"));
  EXPECT_EQ(code(request("set", WriteMode::append, false)), ErrorCode::invalid_config);
  auto other = request("set", WriteMode::append, true);
  other.schema = arrow::schema({arrow::field("day", arrow::utf8()), arrow::field("line", arrow::int64())});
  EXPECT_EQ(code(other), ErrorCode::invalid_config);
  EXPECT_EQ(code(request("a.txt", WriteMode::append, false)), ErrorCode::unsupported);
  EXPECT_EQ(code(request("a.txt", WriteMode::merge, false)), ErrorCode::unsupported);
  EXPECT_EQ(code(request("set2", WriteMode::partition, false)), ErrorCode::invalid_config);
  EXPECT_EQ(code(request("-", WriteMode::replace, false)), ErrorCode::invalid_config);
  EXPECT_EQ(code(request("set2", WriteMode::append, false, {{"max_open_file", Node::scalar("2")}})),
            ErrorCode::invalid_config);
  std::ofstream(folder_ / "file") << "x";
  EXPECT_EQ(code(request("file/", WriteMode::append, false)), ErrorCode::already_exists);
  EXPECT_EQ(code(request("file/a.txt", WriteMode::replace, false)), ErrorCode::already_exists);
  auto missing = request("set2", WriteMode::append, false);
  missing.partition_by = {"nothing"};
  EXPECT_EQ(code(missing), ErrorCode::invalid_config);
}

TEST_F(SinkTest, a_damaged_or_hostile_manifest_is_an_error) {
  ASSERT_TRUE(write(request("set", WriteMode::append, true), batch({"1"}, {"a"}), "r1"));
  const auto path = manifest_path(folder_ / "set");
  const auto text = io::read_text_file(path, 1 << 20).value();
  const auto code_of = [&](const std::string& changed) {
    const auto read = read_manifest(changed, path);
    return read ? ErrorCode::internal : read.error().code();
  };
  EXPECT_TRUE(read_manifest(text, path));
  EXPECT_EQ(code_of(text.substr(0, text.size() / 2)), ErrorCode::invalid_data);
  EXPECT_EQ(code_of("{}"), ErrorCode::invalid_data);
  const auto with = [&text](const std::string& from, const std::string& to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  EXPECT_EQ(code_of(with("\"version\": 1", "\"version\": 2")), ErrorCode::unsupported);
  EXPECT_EQ(code_of(with("\"path\": \"day=a", "\"path\": \"../day=a")), ErrorCode::invalid_data);
  EXPECT_EQ(code_of(with("\"staging\": \"_mainstem", "\"staging\": \"/tmp")), ErrorCode::invalid_data);
  EXPECT_EQ(code_of(with("\"rows\": 1", "\"rows\": -1")), ErrorCode::invalid_data);
}

TEST_F(SinkTest, a_published_file_that_others_change_is_noticed) {
  ASSERT_TRUE(write(request("set", WriteMode::append, false), batch({"1"}, {"a"}), "r1"));
  for (const auto& entry : fs::directory_iterator(folder_ / "set"))
    if (entry.is_regular_file()) std::ofstream(entry.path(), std::ios::app) << "more\n";
  EXPECT_NE(read("set")[0].find("were published"), std::string::npos);
}

TEST_F(SinkTest, devices_are_written_and_not_replaced) {
  auto full = request("/dev/full", WriteMode::replace, false, {{"format", Node::scalar("lines")}});
  EXPECT_EQ(write(full, batch({"1"}, {"a"}), "r1").error().code(), ErrorCode::resource_exhausted);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(SinkTest, quarantine_stands_beside) {
  const auto place = sink()->quarantine_place(request("out/a.txt", WriteMode::replace, false));
  EXPECT_EQ(place.name, folder_ / "out/a.txt.quarantine");
  EXPECT_EQ(place.target_options.find("format")->text(), "lines");
  EXPECT_EQ(sink()->quarantine_place(request("-", WriteMode::replace, false)).name, folder_ / "mainstem.quarantine");
  auto quarantine = request("out/a.txt", WriteMode::append, false);
  quarantine.options = place.target_options;
  ASSERT_TRUE(write(quarantine, batch({"1"}, {"a"}), "r1"));
  EXPECT_EQ(read("out/a.txt.quarantine").size(), 1U);
  EXPECT_EQ(sink()->uri(request("out/a.txt", WriteMode::replace, false)), "file://" + (folder_ / "out/a.txt"));
}

}  // namespace
}  // namespace mainstem::connectors::files
