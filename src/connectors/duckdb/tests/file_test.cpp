#include <filesystem>
#include <fstream>

#include "connector/testkit/child_process.h"
#include "connectors/duckdb/options.h"
#include "connectors/duckdb/tests/fixture.h"

namespace mainstem::connectors::duckdb {
namespace {

const Batches kOne = {batch_of({{"id", longs({1})}})};

connector::ReadRequest request_for(const std::string& table) {
  connector::ReadRequest request;
  request.name = table;
  request.table = table;
  return request;
}

TEST(DuckdbFile, MissingFilesAndFolders) {
  Warehouse house;
  const auto missing = house.source()->plan_read(house.context, request_for("t"));
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found) << missing.error().to_string();
  EXPECT_TRUE(must(house.sink()->published_state(house.context, "p", {})).empty());
  EXPECT_TRUE(must(house.sink()->find_orphans(house.context)).empty());
  EXPECT_FALSE(std::filesystem::exists(house.path)) << "looking must not create the file";
  const auto request = request_of("t", WriteMode::replace, kOne);
  house.path = house.folder / "new/folder/house.duckdb";
  must(house.sink()->check(house.context, request));
  EXPECT_FALSE(std::filesystem::exists(house.folder / "new")) << "looking must not create the folder";
  std::ofstream(house.folder / "file") << "x";
  house.path = house.folder / "file/house.duckdb";
  EXPECT_EQ(house.sink()->check(house.context, request).error().code(), ErrorCode::already_exists);
  EXPECT_FALSE(house.sink()->probe(house.context).at(0).ok);
}

TEST(DuckdbFile, FilesOfAnotherKind) {
  Warehouse house;
  std::ofstream(house.path) << std::string(20'000, 'x');
  const auto request = request_of("t", WriteMode::replace, kOne);
  EXPECT_EQ(house.source()->plan_read(house.context, request_for("t")).error().code(), ErrorCode::invalid_data);
  const auto refused = house.sink()->check(house.context, request);
  EXPECT_EQ(refused.error().code(), ErrorCode::invalid_data) << refused.error().to_string();
  EXPECT_EQ(std::filesystem::file_size(house.path), 20'000U);
  house.path = house.folder.path();
  EXPECT_EQ(house.sink()->check(house.context, request).error().code(), ErrorCode::invalid_config);
}

TEST(DuckdbFile, AccessIsKeptTo) {
  Warehouse house;
  const auto request = request_of("t", WriteMode::replace, kOne);
  must(write(house.context, *house.sink(), request, kOne));
  const auto closed = must(declare().make_sink(house.options("read-only")));
  EXPECT_EQ(closed->check(house.context, request).error().code(), ErrorCode::permission_denied);
  {
    const auto reading = must(house.source("read-only")->plan_read(house.context, request_for("t")));
    const auto refused = house.sink()->begin(house.context, "run-1");
    EXPECT_EQ(refused.error().code(), ErrorCode::invalid_config);
    EXPECT_NE(refused.error().hint().find("read-only"), std::string::npos);
  }
  // A run has its targets before it opens its sources.
  const auto target = house.sink();
  const auto reading = must(house.source()->plan_read(house.context, request_for("t")));
  must(write(house.context, *target, request, kOne));
  const auto reader = must(reading->open(house.context, reading->plan().partitions.at(0)));
  EXPECT_EQ(must(reader->next(house.context))->rows->num_rows(), 1);
}

TEST(DuckdbFile, HeldByAnotherProcess) {
  Warehouse house;
  const auto request = request_of("t", WriteMode::replace, kOne);
  {
    connector::testkit::HoldingProcess other([&]() -> std::shared_ptr<void> {
      auto database = mainstem::duckdb::Database::open({.path = house.path, .threads = 1});
      return database ? std::make_shared<Database>(*std::move(database)) : nullptr;
    });
    ASSERT_TRUE(other.holds());
    EXPECT_EQ(house.sink()->check(house.context, request).error().code(), ErrorCode::conflict);
    EXPECT_EQ(house.source()->plan_read(house.context, request_for("t")).error().code(), ErrorCode::conflict);
  }
  must(write(house.context, *house.sink(), request, kOne));
}

TEST(DuckdbOptions, UrlsAndMistakes) {
  const auto address = must(read_url({.scheme = "duckdb",
                                      .host = "",
                                      .path = "data/w.duckdb",
                                      .query = {{"access", "read-only"}},
                                      .fragment = "mart.t"}));
  EXPECT_EQ(address.connection.find("path")->text(), "data/w.duckdb");
  EXPECT_EQ(address.connection.find("access")->text(), "read-only");
  EXPECT_EQ(address.table, "mart.t");
  const auto path_of = [](const std::string& path) {
    return must(read_url({.scheme = "duckdb", .path = path})).connection.find("path")->text();
  };
  EXPECT_EQ(path_of("/w.duckdb"), "w.duckdb");
  EXPECT_EQ(path_of("//data/w.duckdb"), "/data/w.duckdb");
  EXPECT_FALSE(read_url({.scheme = "duckdb"}));
  EXPECT_FALSE(read_url({.scheme = "duckdb", .path = "/"}));
  EXPECT_FALSE(declare().check_connection(config::Node::map({})));
  EXPECT_FALSE(declare().check_source(
      config::Node::map({{"table", config::Node::scalar("t")}, {"query", config::Node::scalar("select 1")}})));
  EXPECT_FALSE(declare().check_target(config::Node::map({{"tabel", config::Node::scalar("t")}})));
}

}  // namespace
}  // namespace mainstem::connectors::duckdb
