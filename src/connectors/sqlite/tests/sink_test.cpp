#include "connectors/sqlite/sink.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

#include "connectors/sqlite/tests/sink_fixture.h"
#include "sqlite/transaction.h"

namespace mainstem::connectors::sqlite {
namespace {

using connector::StateRecords;

StateRecords state_at(const std::string& position) {
  return {{.pipeline = "p",
           .source = "s",
           .target = "people",
           .position = {.bytes = position, .printable = position},
           .run_id = "01RUN",
           .published_at = "2026-01-01T00:00:00Z"}};
}

TEST_F(SinkTest, MergeRefusesDoubledAndMissingKeys) {
  must(write(WriteMode::merge, people("[1]", R"(["a"])"), {"id"}));
  const auto doubled = write(WriteMode::merge, people("[5, 5, 6]", R"(["x", "y", "z"])"), {"id"});
  EXPECT_EQ(code_of(doubled), ErrorCode::invalid_data);
  EXPECT_EQ(doubled.error().message(), "the key (id) of people occurs more than once in the rows: 5");
  EXPECT_EQ(code_of(write(WriteMode::merge, people("[null]", R"(["x"])"), {"id"})), ErrorCode::invalid_data);
  EXPECT_EQ(people_now(), "1=a");
  EXPECT_EQ(stages(), 0);
}

TEST_F(SinkTest, MergeNeedsAUniqueKeyInTheTable) {
  script("CREATE TABLE people(id INTEGER, name TEXT)");
  const auto refused = write(WriteMode::merge, people("[1]", R"(["a"])"), {"id"});
  EXPECT_EQ(code_of(refused), ErrorCode::invalid_config);
  EXPECT_NE(refused.error().hint().find("CREATE UNIQUE INDEX"), std::string::npos);
  script("DROP TABLE people; CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT)");
  EXPECT_EQ(counts(must(write(WriteMode::merge, people("[1]", R"(["a"])"), {"id"}))), "1+0~0-1");
}

TEST_F(SinkTest, PartitionsAreReplacedWhole) {
  must(write(WriteMode::append, people("[1, 2, 3, 4]", R"(["a", "a", "b", null])")));
  auto rows = people("[5, 6]", R"(["a", null])");
  auto request = request_for(*rows, WriteMode::partition);
  request.partition_by = {"name"};
  EXPECT_EQ(counts(must(write(request, *rows))), "2+0~3-3");
  EXPECT_EQ(people_now(), "3=b 5=a 6=-");
}

TEST_F(SinkTest, ReplaceKeepsWhatTheUserAdded) {
  must(write(WriteMode::replace, people("[1]", R"(["a"])")));
  script("CREATE INDEX mine ON people(name); CREATE VIEW v AS SELECT count(*) AS n FROM people");
  must(write(WriteMode::replace, people("[1, 2]", R"(["a", "b"])")));
  EXPECT_EQ(count("SELECT count(*) FROM sqlite_schema WHERE name = 'mine'"), 1);
  EXPECT_EQ(count("SELECT n FROM v"), 2);
  script(
      "DROP TABLE people; CREATE TABLE people(id INTEGER PRIMARY KEY CHECK(id > 0), name TEXT, extra TEXT DEFAULT "
      "'e')");
  must(write(WriteMode::replace, people("[3]", R"(["c"])")));
  EXPECT_EQ(text("SELECT extra FROM people"), "e");
  EXPECT_EQ(code_of(write(WriteMode::replace, people("[-3]", R"(["c"])"))), ErrorCode::invalid_data);
  EXPECT_EQ(people_now(), "3=c") << "a broken constraint leaves the old rows";
  EXPECT_EQ(stages(), 0);
}

TEST_F(SinkTest, NewColumnsAreAddedAndOthersCompared) {
  script("CREATE TABLE people(id INTEGER); INSERT INTO people VALUES (1)");
  must(write(WriteMode::append, people("[2]", R"(["b"])")));
  EXPECT_EQ(people_now(), "1=- 2=b");
  script("DROP TABLE people; CREATE TABLE people(id TEXT, name TEXT)");
  const auto refused = write(WriteMode::append, people("[2]", R"(["b"])"));
  EXPECT_EQ(code_of(refused), ErrorCode::invalid_config);
  EXPECT_NE(refused.error().message().find("column 'id' of table people is declared TEXT"), std::string::npos);
  script("DROP TABLE people; CREATE TABLE people(id INTEGER, name TEXT, must TEXT NOT NULL)");
  EXPECT_EQ(code_of(write(WriteMode::append, people("[2]", R"(["b"])"))), ErrorCode::invalid_config);
  script("DROP TABLE people; CREATE VIEW people AS SELECT 1 AS id");
  EXPECT_EQ(code_of(write(WriteMode::append, people("[2]", R"(["b"])"))), ErrorCode::invalid_config);
}

TEST_F(SinkTest, BadRequestsAreRefusedBeforeReading) {
  const auto rows = people("[1]", R"(["a"])");
  SqliteSink sink({.path = path});
  const auto code = [&](WriteRequest request) { return code_of(sink.check(context, request)); };
  auto request = request_for(*rows, WriteMode::merge);
  EXPECT_EQ(code(request), ErrorCode::invalid_config);
  request.key = {"nosuch"};
  EXPECT_EQ(code(request), ErrorCode::invalid_config);
  request = request_for(*rows, WriteMode::partition);
  EXPECT_EQ(code(request), ErrorCode::invalid_config);
  request = request_for(*rows, WriteMode::append);
  request.table = "_mainstem_state";
  EXPECT_EQ(code(request), ErrorCode::invalid_config);
  request = request_for(*rows, WriteMode::append);
  request.schema = arrow::schema({arrow::field("a", arrow::utf8()), arrow::field("A", arrow::utf8())});
  EXPECT_EQ(code(request), ErrorCode::invalid_config);
  EXPECT_FALSE(std::filesystem::exists(path)) << "check touches nothing";
}

TEST_F(SinkTest, IndexesAreCreatedOnce) {
  const auto rows = people("[1]", R"(["a"])");
  auto request = request_for(*rows, WriteMode::replace);
  request.indexes = {{"name"}, {"id", "name"}};
  must(write(request, *rows));
  must(write(request, *rows));
  EXPECT_EQ(count("SELECT count(*) FROM sqlite_schema WHERE type = 'index'"), 2);
}

TEST_F(SinkTest, SeveralTablesAndStateAreOneTransaction) {
  SqliteSink sink({.path = path});
  const auto rows = people("[1]", R"(["a"])");
  auto other = request_for(*rows, WriteMode::append);
  other.name = other.table = "other";
  {
    const auto unit = must(sink.begin(context, "01RUN"));
    const auto first = must(fill(context, *unit, request_for(*rows, WriteMode::append), *rows));
    const auto second = must(fill(context, *unit, other, *rows));
    EXPECT_EQ(must(unit->commit(context, state_at("i:7"))).size(), 2U);
  }
  const auto state = must(sink.published_state(context, "p", {request_for(*rows, WriteMode::append)}));
  ASSERT_EQ(state.size(), 1U);
  EXPECT_EQ(state[0].position.bytes, "i:7");
  EXPECT_EQ(state[0].published_at, "2026-01-01T00:00:00Z");
  EXPECT_TRUE(must(sink.published_state(context, "q", {other})).empty());
  EXPECT_TRUE(must(sink.published_state(context, "p", {other})).empty());
  script("DROP TABLE people");
  EXPECT_TRUE(must(sink.published_state(context, "p", {request_for(*rows, WriteMode::append)})).empty());
}

TEST_F(SinkTest, AbortAndCancellationLeaveNothing) {
  SqliteSink sink({.path = path});
  const auto rows = people("[1]", R"(["a"])");
  const auto request = request_for(*rows, WriteMode::append);
  auto unit = must(sink.begin(context, "01RUN"));
  auto table = must(unit->stage(context, request));
  auto lane = must(table->open_lane(context));
  must(lane->write(context, *rows));
  EXPECT_EQ(code_of(table->finish(context)), ErrorCode::internal) << "its lane is open";
  EXPECT_EQ(stages(), 1);
  test.cancellation.request();
  EXPECT_EQ(code_of(lane->write(context, *rows)), ErrorCode::cancelled);
  unit->abort();
  EXPECT_EQ(stages(), 0);
}

TEST_F(SinkTest, OrphansAreFoundAndRemoved) {
  script("CREATE TABLE _mainstem_stage_01OLD_0(a); CREATE TABLE _mainstem_stage_01OLD_1(a); CREATE TABLE keep(a)");
  SqliteSink sink({.path = path});
  const auto orphans = must(sink.find_orphans(context));
  ASSERT_EQ(orphans.size(), 2U);
  EXPECT_EQ(orphans[0].run_id, "01OLD");
  must(sink.remove_orphans(context, orphans));
  EXPECT_EQ(stages(), 0);
  EXPECT_EQ(count("SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(SinkTest, TheNextRunRemovesOnlyWhatDeadRunsLeft) {
  script("CREATE TABLE _mainstem_stage_01OLD_0(a)");
  const auto rows = people("[1]", R"(["a"])");
  SqliteSink sink({.path = path});
  const auto first = must(sink.begin(context, "01FIRST"));
  EXPECT_EQ(stages(), 0);
  const auto staged = must(first->stage(context, request_for(*rows, WriteMode::append)));
  const auto second = must(sink.begin(context, "02SECOND"));
  EXPECT_EQ(stages(), 1) << "the first run lives";
  EXPECT_EQ(code_of(sink.begin(context, "01FIRST")), ErrorCode::conflict);
}

TEST_F(SinkTest, LockedFileIsAConflict) {
  must(write(WriteMode::append, people("[1]", R"(["a"])")));
  auto holder = database();
  const auto held = must(mainstem::sqlite::Transaction::begin(holder, mainstem::sqlite::Transaction::Kind::write));
  EXPECT_EQ(code_of(write(WriteMode::append, people("[2]", R"(["b"])"))), ErrorCode::conflict);
}

TEST_F(SinkTest, UnusableFilesAreRefusedBeforeReading) {
  const auto rows = people("[1]", R"(["a"])");
  const auto request = request_for(*rows, WriteMode::append);
  std::ofstream(folder / "text.db") << std::string(2000, 'x');
  EXPECT_EQ(code_of(SqliteSink({.path = folder / "text.db"}).check(context, request)), ErrorCode::invalid_data);
  must(SqliteSink({.path = folder / "new/folder/some.db"}).check(context, request));
  EXPECT_FALSE(std::filesystem::exists(folder / "new")) << "looking must not create the folder";
  EXPECT_EQ(code_of(SqliteSink({.path = folder / "text.db/some.db"}).check(context, request)),
            ErrorCode::already_exists);
  EXPECT_EQ(code_of(SqliteSink({.path = folder.path()}).check(context, request)), ErrorCode::invalid_data);
}

TEST_F(SinkTest, ReadOnlyFileAndFolderArePermissionDenied) {
  must(write(WriteMode::append, people("[1]", R"(["a"])")));
  const auto rows = people("[2]", R"(["b"])");
  const auto request = request_for(*rows, WriteMode::append);
  const auto check_as_other = [&] {
    // Root may do everything; another user shows what modes do.
    const bool root = geteuid() == 0;
    if (root) {
      EXPECT_EQ(seteuid(65534), 0);
    }
    const auto code = code_of(SqliteSink({.path = path}).check(context, request));
    if (root) {
      EXPECT_EQ(seteuid(0), 0);
    }
    return code;
  };
  std::filesystem::permissions(folder.path(), static_cast<std::filesystem::perms>(0777));
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0444));
  EXPECT_EQ(check_as_other(), ErrorCode::permission_denied);
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0666));
  std::filesystem::permissions(folder.path(), static_cast<std::filesystem::perms>(0555));
  EXPECT_EQ(check_as_other(), ErrorCode::permission_denied);
  std::filesystem::permissions(folder.path(), static_cast<std::filesystem::perms>(0755));
}

TEST_F(SinkTest, UriIsAbsolute) {
  const auto rows = people("[]", "[]");
  EXPECT_EQ(SqliteSink({.path = path}).uri(request_for(*rows, WriteMode::append)), "sqlite:///" + path + "#people");
}

}  // namespace
}  // namespace mainstem::connectors::sqlite
