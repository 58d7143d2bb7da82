#include "state/ledger.h"

#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "state/tests/fixture.h"

namespace mainstem::state {
namespace {

RunStart start(const std::string& id, const std::string& pipeline = "p",
               const std::string& at = "2026-01-01T00:00:00Z") {
  return {.run_id = id,
          .pipeline = pipeline,
          .environment = "dev",
          .started_at = at,
          .command = "run " + pipeline,
          .spec_hash = "abc"};
}

RunEnd end(const std::string& id, const std::string& status) {
  return {.run_id = id,
          .status = status,
          .finished_at = "2026-01-01T00:00:01Z",
          .seconds = 1.5,
          .rows_read = 10,
          .rows_written = 8,
          .rows_quarantined = 2,
          .error_code = "",
          .error_message = "",
          .result_json = "{\"ok\":true}"};
}

class LedgerTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  Ledger ledger = must(Ledger::open(folder.path()));
};

TEST_F(LedgerTest, MakesAFolderThatGitIgnores) {
  std::ifstream file(folder / ".mainstem/.gitignore");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "*");
  EXPECT_EQ(Ledger::open(folder / "missing").error().code(), ErrorCode::not_found);
}

// Quarantined rows stand in it, and the key under which rows are hashed.
TEST_F(LedgerTest, OthersMayNotLookIntoItsFolder) {
  const auto rights = std::filesystem::status(std::string(folder / ".mainstem")).permissions();
  EXPECT_EQ(rights & std::filesystem::perms::others_all, std::filesystem::perms::none);
}

TEST_F(LedgerTest, KeepsARunFromBeginToEnd) {
  must(ledger.begin_run(start("01A")));
  EXPECT_EQ(must(ledger.run("01A")).end.status, "running");
  auto finished = end("01A", "failed");
  finished.error_code = "not_found";
  finished.error_message = "no such table";
  must(ledger.finish_run(finished));
  const auto run = must(ledger.run("01A"));
  EXPECT_EQ(run.start.pipeline, "p");
  EXPECT_EQ(run.start.environment, "dev");
  EXPECT_EQ(run.start.command, "run p");
  EXPECT_EQ(run.start.spec_hash, "abc");
  EXPECT_EQ(run.start.started_at, "2026-01-01T00:00:00Z");
  EXPECT_EQ(run.end.status, "failed");
  EXPECT_EQ(run.end.finished_at, "2026-01-01T00:00:01Z");
  EXPECT_EQ(run.end.seconds, 1.5);
  EXPECT_EQ(run.end.rows_read, 10);
  EXPECT_EQ(run.end.rows_written, 8);
  EXPECT_EQ(run.end.rows_quarantined, 2);
  EXPECT_EQ(run.end.error_code, "not_found");
  EXPECT_EQ(run.end.error_message, "no such table");
  EXPECT_EQ(run.end.result_json, "{\"ok\":true}");
  EXPECT_TRUE(std::filesystem::is_empty(folder / ".mainstem/locks"));
}

TEST_F(LedgerTest, RefusesWhatDoesNotFit) {
  must(ledger.begin_run(start("01A")));
  EXPECT_EQ(ledger.begin_run(start("01A")).error().code(), ErrorCode::already_exists);
  must(ledger.finish_run(end("01A", "succeeded")));
  EXPECT_EQ(ledger.begin_run(start("01A")).error().code(), ErrorCode::already_exists);
  EXPECT_EQ(ledger.finish_run(end("01A", "failed")).error().code(), ErrorCode::not_found);
  EXPECT_EQ(ledger.finish_run(end("01X", "failed")).error().code(), ErrorCode::not_found);
  EXPECT_EQ(ledger.run("01X").error().code(), ErrorCode::not_found);
  EXPECT_EQ(must(ledger.run("01A")).end.status, "succeeded");
}

TEST_F(LedgerTest, ListsNewestFirstByPipelineAndStatus) {
  must(ledger.begin_run(start("01A", "p", "2026-01-01T00:00:00Z")));
  must(ledger.finish_run(end("01A", "succeeded")));
  must(ledger.begin_run(start("01B", "q", "2026-01-02T00:00:00Z")));
  must(ledger.finish_run(end("01B", "failed")));
  must(ledger.begin_run(start("01C", "p", "2026-01-03T00:00:00Z")));
  const auto ids = [&](const RunFilter& filter) {
    std::vector<std::string> found;
    for (const auto& run : must(ledger.runs(filter))) found.push_back(run.start.run_id);
    return found;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids({}), (Ids{"01C", "01B", "01A"}));
  EXPECT_EQ(ids({.pipeline = "p"}), (Ids{"01C", "01A"}));
  EXPECT_EQ(ids({.status = "failed"}), (Ids{"01B"}));
  EXPECT_EQ(ids({.status = "running"}), (Ids{"01C"}));
  EXPECT_EQ(ids({.limit = 1}), (Ids{"01C"}));
}

TEST_F(LedgerTest, RunsOfADeadProcessAreInterrupted) {
  const pid_t child = fork();
  if (child == 0) {
    auto own = Ledger::open(folder.path());
    _exit(own && own->begin_run(start("01DEAD")) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  must(ledger.begin_run(start("01LIVE", "p", "2026-01-02T00:00:00Z")));
  auto other = must(Ledger::open(folder.path()));
  EXPECT_EQ(must(other.run("01DEAD")).end.status, "interrupted");
  EXPECT_EQ(must(other.run("01LIVE")).end.status, "running");
  ASSERT_EQ(must(other.runs({.status = "interrupted"})).size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder / ".mainstem/locks/run-01DEAD"));
}

TEST_F(LedgerTest, RunsOfADestroyedLedgerAreInterrupted) {
  {
    must(must(Ledger::open(folder.path())).begin_run(start("01A")));
  }
  EXPECT_EQ(must(ledger.run("01A")).end.status, "interrupted");
}

// Killed between its lock and its first word in the ledger.
TEST_F(LedgerTest, LockFilesOfUnknownRunsGo) {
  must(ledger.begin_run(start("01A")));
  const auto unknown = folder / ".mainstem/locks/run-01GONE";
  std::ofstream(unknown).close();
  must(ledger.begin_run(start("01B", "p", "2026-01-02T00:00:00Z")));
  EXPECT_FALSE(std::filesystem::exists(unknown));
  EXPECT_TRUE(std::filesystem::exists(folder / ".mainstem/locks/run-01A"));
  EXPECT_EQ(must(ledger.run("01A")).end.status, "running");
}

TEST_F(LedgerTest, WhatIsPublishedWasNotInterrupted) {
  {
    auto own = must(Ledger::open(folder.path()));
    must(own.begin_run(start("01TOLD")));
    must(own.mark_published("01TOLD", "2026-01-01T00:00:01Z"));
    EXPECT_EQ(must(own.run("01TOLD")).end.status, "running");
    must(own.begin_run(start("01FOUND")));
  }
  EXPECT_EQ(must(ledger.run("01TOLD")).end.status, "published");
  EXPECT_EQ(must(ledger.run("01FOUND")).end.status, "interrupted");
  must(ledger.begin_run(start("01NEXT")));
  EXPECT_EQ(must(ledger.run("01TOLD")).end.status, "published");
  must(ledger.mark_published("01FOUND", "2026-01-01T00:00:01Z"));
  EXPECT_EQ(must(ledger.run("01FOUND")).end.status, "published");
}

TEST_F(LedgerTest, ADeadRunIsUnfinishedUntilALaterOneEndsWell) {
  {
    auto own = must(Ledger::open(folder.path()));
    must(own.begin_run(start("01B")));
    EXPECT_FALSE(must(own.is_unfinished("01B", "abc"))) << "it is running";
  }
  EXPECT_TRUE(must(ledger.is_unfinished("01B", "abc")));
  EXPECT_FALSE(must(ledger.is_unfinished("01B", "other texts")));
  EXPECT_FALSE(must(ledger.is_unfinished("01UNKNOWN", "abc")));
  must(ledger.mark_published("01B", "2026-01-01T00:00:01Z"));
  for (const auto* id : {"01A", "01C", "01D"}) must(ledger.begin_run(start(id, id == std::string("01D") ? "q" : "p")));
  must(ledger.finish_run(end("01A", "ok")));
  must(ledger.finish_run(end("01C", "failed")));
  must(ledger.finish_run(end("01D", "ok")));
  EXPECT_TRUE(must(ledger.is_unfinished("01B", "abc"))) << "earlier, failed, of another pipeline";
  EXPECT_TRUE(must(ledger.is_unfinished("01C", "abc"))) << "it may have published a part";
  must(ledger.begin_run(start("01E")));
  must(ledger.finish_run(end("01E", "nothing_to_do")));
  EXPECT_FALSE(must(ledger.is_unfinished("01B", "abc")));
}

TEST_F(LedgerTest, AKeyIsItsOwn) {
  const auto key = must(ledger.key());
  EXPECT_EQ(key.reveal().size(), 32U);
  EXPECT_EQ(must(must(Ledger::open(folder.path())).key()).reveal(), key.reveal());
  const TemporaryFolder other;
  EXPECT_NE(must(must(Ledger::open(other.path())).key()).reveal(), key.reveal());
}

TEST_F(LedgerTest, CursorsAreRememberedAndRebuilt) {
  const Cursor orders{.source = "orders",
                      .target = "mart",
                      .position = std::string("\0\xff", 2),
                      .printable = "7",
                      .run_id = "01A",
                      .published_at = "2026-01-01T00:00:00Z"};
  auto moved = orders;
  moved.position = "8";
  moved.printable = "8";
  auto customers = orders;
  customers.source = "customers";
  must(ledger.remember_cursors({"p", ""}, {orders}));
  must(ledger.remember_cursors({"q", ""}, {orders}));
  EXPECT_EQ(must(ledger.cursors({"p", ""}))[0].position, orders.position);
  must(ledger.remember_cursors({"p", ""}, {moved, customers}));
  const auto both = must(ledger.cursors({"p", ""}));
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].source, "customers");
  EXPECT_EQ(both[1].printable, "8");
  must(ledger.rebuild_cursors({"p", ""}, {customers}));
  ASSERT_EQ(must(ledger.cursors({"p", ""})).size(), 1U);
  EXPECT_EQ(must(ledger.cursors({"p", ""}))[0].source, "customers");
  EXPECT_EQ(must(ledger.cursors({"q", ""})).size(), 1U);
  must(ledger.remember_cursors({"p", "dev"}, {orders}));
  must(ledger.rebuild_cursors({"p", "dev"}, {}));
  EXPECT_TRUE(must(ledger.cursors({"p", "dev"})).empty());
  EXPECT_EQ(must(ledger.cursors({"p", ""})).size(), 1U);
}

TEST_F(LedgerTest, SchemasAreKeptWhenTheyChange) {
  SchemaVersion version{
      .pipeline = {"p", ""}, .source = "s", .schema_json = "[1]", .run_id = "01A", .seen_at = "2026-01-01T00:00:00Z"};
  EXPECT_FALSE(must(ledger.schema({"p", ""}, "s")));
  EXPECT_TRUE(must(ledger.remember_schema(version)));
  version.run_id = "01B";
  EXPECT_FALSE(must(ledger.remember_schema(version)));
  EXPECT_EQ(must(ledger.schema({"p", ""}, "s"))->run_id, "01A");
  version.schema_json = "[2]";
  EXPECT_TRUE(must(ledger.remember_schema(version)));
  version.schema_json = "[1]";
  EXPECT_TRUE(must(ledger.remember_schema(version))) << "back to an earlier one is a change too";
  EXPECT_EQ(must(ledger.schema({"p", ""}, "s"))->schema_json, "[1]");
  EXPECT_FALSE(must(ledger.schema({"p", ""}, "other")));
  EXPECT_FALSE(must(ledger.schema({"p", "dev"}, "s"))) << "another environment has a history of its own";
  version.pipeline.environment = "dev";
  EXPECT_TRUE(must(ledger.remember_schema(version)));
  EXPECT_FALSE(must(ledger.remember_schema(version)));
}

TEST_F(LedgerTest, AuditKeepsTheOrder) {
  must(ledger.add_audit({.at = "1", .who = "ann", .what = "run_started", .details = "p"}));
  must(ledger.add_audit({.at = "2", .who = "ben", .what = "cursor_reset", .details = "q"}));
  const auto latest = must(ledger.audit(1));
  ASSERT_EQ(latest.size(), 1U);
  EXPECT_EQ(latest[0].who, "ben");
  EXPECT_EQ(must(ledger.audit(10)).size(), 2U);
}

TEST_F(LedgerTest, IsUsedByThreadsAndLedgersAtOnce) {
  auto other = must(Ledger::open(folder.path()));
  const auto work = [](Ledger& used, const std::string& prefix) {
    for (int i = 0; i < 20; ++i) {
      const auto id = prefix + std::to_string(i);
      must(used.begin_run(start(id)));
      must(used.finish_run(end(id, "succeeded")));
    }
  };
  {
    const std::jthread one([&] { work(ledger, "a"); });
    const std::jthread two([&] { work(ledger, "b"); });
    const std::jthread three([&] { work(other, "c"); });
  }
  EXPECT_EQ(must(ledger.runs({.status = "succeeded"})).size(), 60U);
}

}  // namespace
}  // namespace mainstem::state
