#include "sqlite/database.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

#include "connector/testkit/test_context.h"
#include "sqlite/identifier.h"
#include "sqlite/transaction.h"

namespace mainstem::sqlite {
namespace {

using connector::testkit::TemporaryFolder;
using namespace std::chrono_literals;

template <class T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
  return *std::move(result);
}
void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
}

Database make(const std::string& path, const Cancellation* cancellation = nullptr) {
  return must(Database::open(path, {.create = true, .busy_timeout = 50ms, .cancellation = cancellation}));
}

ErrorCode open_code(const std::string& path, const OpenOptions& options = {}) {
  const auto database = Database::open(path, options);
  EXPECT_FALSE(database);
  return database ? ErrorCode::internal : database.error().code();
}

TEST(Database, BindsAndReadsEveryType) {
  const TemporaryFolder folder;
  auto database = make(folder / "a.db");
  must(database.execute("CREATE TABLE t(i INTEGER, r REAL, s TEXT, b BLOB, n)"));
  const std::string text("a\0é", 4);
  EXPECT_EQ(must(database.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", std::numeric_limits<int64_t>::min(), 0.1,
                                  text, Blob{std::string_view("\0\xff", 2)}, nullptr)),
            1);
  auto statement = must(database.prepare("SELECT *, '' FROM t"));
  ASSERT_TRUE(must(statement.step()));
  EXPECT_EQ(statement.type(0), ValueType::integer);
  EXPECT_EQ(statement.integer(0), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(statement.real(1), 0.1);
  EXPECT_EQ(statement.type(2), ValueType::text);
  EXPECT_EQ(statement.text(2), text);
  EXPECT_EQ(statement.type(3), ValueType::blob);
  EXPECT_EQ(statement.blob(3), std::string_view("\0\xff", 2));
  EXPECT_TRUE(statement.is_null(4));
  EXPECT_EQ(statement.type(5), ValueType::text);
  EXPECT_EQ(statement.declared_type(1), "REAL");
  EXPECT_EQ(statement.column_name(2), "s");
  EXPECT_FALSE(must(statement.step()));
}

TEST(Database, EmptyTextsAndBlobsAreNotNull) {
  const TemporaryFolder folder;
  auto database = make(folder / "a.db");
  auto statement = must(database.prepare("SELECT typeof(?), typeof(?), typeof(?)"));
  must(statement.bind_all(std::string_view(), Blob{}, std::optional<std::string>()));
  ASSERT_TRUE(must(statement.step()));
  EXPECT_EQ(statement.text(0), "text");
  EXPECT_EQ(statement.text(1), "blob");
  EXPECT_EQ(statement.text(2), "null");
}

TEST(Database, OpenSaysWhyNot) {
  const TemporaryFolder folder;
  std::ofstream(folder / "text.db") << "this is not a database, but long enough to have a header of one hundred bytes "
                                       "and some more text behind it";
  EXPECT_EQ(open_code(folder / "missing.db"), ErrorCode::not_found);
  EXPECT_EQ(open_code(folder / "no/such/folder.db", {.create = true}), ErrorCode::not_found);
  EXPECT_EQ(open_code(folder / "text.db"), ErrorCode::invalid_data);
  EXPECT_EQ(Database::open(folder / "text.db").error().message(), "file is not a database");
  EXPECT_FALSE(Database::open(folder / "text.db").error().hint().empty());
  EXPECT_EQ(open_code(folder.path()), ErrorCode::invalid_data);
  EXPECT_EQ(open_code(""), ErrorCode::invalid_config);
  EXPECT_FALSE(std::filesystem::exists(folder / "missing.db"));
}

TEST(Database, PathsAreNeverUris) {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  {
    auto uri = make("file:x.db?mode=memory");
    must(uri.execute("CREATE TABLE t(a)"));
    auto memory = make(":memory:");
    must(memory.execute("CREATE TABLE t(a)"));
  }
  EXPECT_TRUE(std::filesystem::exists("file:x.db?mode=memory"));
  EXPECT_TRUE(std::filesystem::exists(":memory:"));
  std::filesystem::current_path(before);
}

TEST(Database, ReadOnlyRefusesWrites) {
  const TemporaryFolder folder;
  must(make(folder / "a.db").execute("CREATE TABLE t(a)"));
  auto database = must(Database::open(folder / "a.db", {.read_only = true}));
  EXPECT_TRUE(database.is_read_only());
  EXPECT_EQ(database.execute("INSERT INTO t VALUES (1)").error().code(), ErrorCode::permission_denied);
}

// The copies are what is left of a writer that is killed after a part of its pages has gone into the file.
TEST(Database, ReadersRollBackWhatAKilledWriterLeft) {
  const TemporaryFolder folder;
  auto database = make(folder / "a.db");
  must(database.execute("CREATE TABLE t(s)"));
  must(database.execute("INSERT INTO t VALUES ('old')"));
  must(database.execute("PRAGMA cache_size = 1"));
  must(database.execute("BEGIN"));
  must(
      database.execute("INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
                       "SELECT hex(randomblob(50)) FROM n"));
  for (const auto* ending : {"", "-journal"})
    std::filesystem::copy_file(folder / ("a.db" + std::string(ending)), folder / ("b.db" + std::string(ending)));
  auto reader = must(Database::open(folder / "b.db", {.read_only = true}));
  EXPECT_EQ(must(reader.integer("SELECT count(*) FROM t")), 1);
  EXPECT_FALSE(reader.execute("DELETE FROM t"));
}

TEST(Database, MistakesInSqlHaveTheirPlace) {
  const TemporaryFolder folder;
  auto database = make(folder / "a.db");
  const auto error = database.prepare("SELECT 'ä',\n nosuch").error();
  EXPECT_EQ(error.code(), ErrorCode::invalid_config);
  ASSERT_TRUE(error.position());
  EXPECT_EQ(error.position()->line, 2);
  EXPECT_EQ(error.position()->column, 2);
  // A misspelt name in quotes would otherwise be read as a text.
  EXPECT_EQ(database.prepare("SELECT \"nosuch\"").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(database.prepare("SELECT 1; SELECT 2").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(database.prepare(" -- nothing").error().code(), ErrorCode::invalid_config);
  EXPECT_EQ(database.prepare(std::string("SELECT 1\0", 9)).error().code(), ErrorCode::invalid_config);
  EXPECT_TRUE(database.prepare("SELECT 1; -- the end\n"));
}

TEST(Database, LocksOfOthersAreConflicts) {
  const TemporaryFolder folder;
  auto first = make(folder / "a.db");
  must(first.execute("CREATE TABLE t(a UNIQUE)"));
  auto second = make(folder / "a.db");
  {
    auto held = must(Transaction::begin(first, Transaction::Kind::write));
    const auto error = Transaction::begin(second, Transaction::Kind::write).error();
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_TRUE(error.retryable());
  }
  must(second.execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(second.execute("INSERT INTO t VALUES (1)").error().code(), ErrorCode::invalid_data);
}

TEST(Database, FullIsResourceExhausted) {
  const TemporaryFolder folder;
  auto database = make(folder / "a.db");
  must(database.execute("CREATE TABLE t(a)"));
  must(database.integer("PRAGMA max_page_count = 3"));
  const auto result = database.execute("INSERT INTO t VALUES (zeroblob(100000))");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::resource_exhausted);
}

TEST(Database, DamageIsInvalidData) {
  const TemporaryFolder folder;
  {
    auto database = make(folder / "a.db");
    must(database.execute("CREATE TABLE t(a)"));
    must(database.execute("INSERT INTO t VALUES (zeroblob(20000))"));
  }
  {
    std::fstream file(folder / "a.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(4096, '\x7f');
  }
  auto database = must(Database::open(folder / "a.db"));
  EXPECT_EQ(database.integer("SELECT count(*) FROM t WHERE length(a) > 0").error().code(), ErrorCode::invalid_data);
}

TEST(Database, CancellationStopsStatementsAndWaits) {
  const TemporaryFolder folder;
  Cancellation cancellation;
  auto holder = make(folder / "a.db");
  must(holder.execute("CREATE TABLE t(a)"));
  auto database = must(Database::open(folder / "a.db", {.busy_timeout = 1h, .cancellation = &cancellation}));
  auto endless =
      must(database.prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"));
  const auto held = must(Transaction::begin(holder, Transaction::Kind::write));
  std::jthread stopper([&] { cancellation.request(); });
  EXPECT_EQ(endless.step().error().code(), ErrorCode::cancelled);
  const auto waiting = Transaction::begin(database, Transaction::Kind::write);
  ASSERT_FALSE(waiting);
  EXPECT_EQ(waiting.error().code(), ErrorCode::cancelled);
}

TEST(Transaction, RollsBackUnlessCommitted) {
  const TemporaryFolder folder;
  auto database = make(folder / "a.db");
  must(database.execute("CREATE TABLE t(a)"));
  {
    const auto dropped = must(Transaction::begin(database, Transaction::Kind::write));
    must(database.execute("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(must(database.integer("SELECT count(*) FROM t")), 0);
  auto kept = must(Transaction::begin(database, Transaction::Kind::write));
  must(database.execute("INSERT INTO t VALUES (1)"));
  must(kept.commit());
  EXPECT_TRUE(database.autocommit());
  EXPECT_EQ(must(database.integer("SELECT count(*) FROM t")), 1);
}

TEST(Identifier, QuotesAreDoubled) {
  const TemporaryFolder folder;
  auto database = make(folder / "a.db");
  const std::string name = "a\"b; DROP";
  must(database.execute("CREATE TABLE " + quote_name(name) + "(x)"));
  EXPECT_EQ(must(database.text("SELECT name FROM sqlite_schema")), name);
  EXPECT_EQ(must(database.text("SELECT " + quote_text("it's"))), "it's");
}

TEST(Database, AFileThatIsCutOffIsRefused) {
  TemporaryFolder folder;
  const auto path = folder / "cut.db";
  {
    auto database = make(path);
    must(
        database.execute("CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) "
                         "SELECT i, 'value ' || i AS s FROM n"));
  }
  const auto size = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, size - 300);
  for (const bool read_only : {true, false}) {
    const auto opened = Database::open(path, {.read_only = read_only});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), ErrorCode::invalid_data);
    EXPECT_NE(opened.error().message().find("cut off"), std::string::npos) << opened.error().to_string();
  }
}

}  // namespace
}  // namespace mainstem::sqlite
