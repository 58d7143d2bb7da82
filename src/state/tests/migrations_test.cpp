#include "state/migrations.h"

#include <array>
#include <fmt/format.h>

#include "state/ledger.h"
#include "state/tests/fixture.h"

namespace mainstem::state {
namespace {

// Something for each migration to keep: a row for each table, a value for each column added.
constexpr std::array<const char*, 6> kOldRows{
    "INSERT INTO runs(run_id, pipeline, environment, command, spec_hash, status, started_at) VALUES ('01OLD', 'p', "
    "'dev', "
    "'run p', 'h', 'succeeded', '2026-01-01T00:00:00Z');"
    "INSERT INTO cursors VALUES ('p', 's', 't', x'00ff', '7', '01OLD', '2026-01-01T00:00:00Z')",
    "INSERT INTO source_schemas VALUES ('p', 's', 1, '{}', '01OLD', '2026-01-01T00:00:00Z')",
    "INSERT INTO audit(at, who, what, details) VALUES ('2026-01-01T00:00:00Z', 'ann', 'cursor_reset', '')",
    "UPDATE runs SET published_at = '2026-01-01T00:00:01Z' WHERE run_id = '01OLD'",
    "INSERT INTO cursors VALUES ('q', 'dev', 's', 't', x'00ff', '7', '01NEW', '2026-01-01T00:00:00Z')",
    "UPDATE key SET bytes = x'414243'"};

class Migrations : public testing::Test {
 protected:
  // A ledger as the program of format `version` has left it.
  void make_old(size_t version) {
    std::filesystem::create_directories(folder / ".mainstem");
    auto database = must(sqlite::Database::open(path, {.create = true}));
    for (size_t i = 0; i < version; ++i) {
      must(migrate(database, migrations().first(i + 1)));
      must(database.execute_script(kOldRows[i]));
    }
  }

  TemporaryFolder folder;
  std::string path = folder / ".mainstem/ledger.db";
};

TEST_F(Migrations, EveryOldFormatIsUpgradedWithItsRows) {
  ASSERT_EQ(kOldRows.size(), migrations().size()) << "a migration without a row to keep";
  for (size_t version = 0; version <= migrations().size(); ++version) {
    std::filesystem::remove_all(folder / ".mainstem");
    make_old(version);
    auto ledger = must(Ledger::open(folder.path()));
    EXPECT_EQ(must(ledger.runs({})).size(), version >= 1 ? 1U : 0U) << version;
    EXPECT_EQ(must(ledger.cursors({"p", "dev"})).size(), version >= 1 ? 1U : 0U) << version;
    EXPECT_TRUE(must(ledger.cursors({"p", ""})).empty()) << "the run was one of dev";
    EXPECT_EQ(must(ledger.schema({"p", "dev"}, "s")).has_value(), version >= 2) << version;
    EXPECT_EQ(must(ledger.cursors({"q", "dev"})).size(), version >= 5 ? 1U : 0U) << version;
    EXPECT_EQ(must(ledger.audit(10)).size(), version >= 3 ? 1U : 0U) << version;
    EXPECT_EQ(must(ledger.key()).reveal() == "ABC", version >= 6) << version;
    must(ledger.add_audit({.at = "", .who = "", .what = "x", .details = ""}));
  }
}

TEST_F(Migrations, WhatNoRunIsKnownOfHasNoEnvironment) {
  make_old(4);
  must(must(sqlite::Database::open(path)).execute_script("DELETE FROM runs"));
  auto ledger = must(Ledger::open(folder.path()));
  EXPECT_EQ(must(ledger.cursors({"p", ""})).size(), 1U);
  EXPECT_TRUE(must(ledger.schema({"p", ""}, "s")));
}

TEST_F(Migrations, NewerFormatIsRefusedUntouched) {
  make_old(migrations().size());
  const auto newer = migrations().size() + 1;
  must(must(sqlite::Database::open(path)).execute_script(fmt::format("PRAGMA user_version = {}", newer)));
  const auto ledger = Ledger::open(folder.path());
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code(), ErrorCode::unsupported);
  EXPECT_NE(ledger.error().message().find("made by a newer Mainstem"), std::string::npos);
  EXPECT_EQ(must(must(sqlite::Database::open(path)).integer("PRAGMA user_version")), static_cast<int64_t>(newer));
}

TEST_F(Migrations, AnotherProgramsFileIsRefused) {
  std::filesystem::create_directories(folder / ".mainstem");
  must(must(sqlite::Database::open(path, {.create = true})).execute_script("CREATE TABLE theirs(a)"));
  EXPECT_EQ(Ledger::open(folder.path()).error().code(), ErrorCode::invalid_data);
}

TEST_F(Migrations, FailedStepChangesNothing) {
  std::filesystem::create_directories(folder / ".mainstem");
  auto database = must(sqlite::Database::open(path, {.create = true}));
  const std::array<Migration, 2> steps{{{1, "CREATE TABLE a(x)"}, {2, "CREATE TABLE b(x); CREATE TABLE a(x)"}}};
  EXPECT_FALSE(migrate(database, steps));
  EXPECT_EQ(must(database.integer("SELECT count(*) FROM sqlite_schema")), 0);
  EXPECT_EQ(must(database.integer("PRAGMA user_version")), 0);
}

}  // namespace
}  // namespace mainstem::state
