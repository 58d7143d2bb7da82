#include "connector/testkit/conformance.h"

#include "connector/testkit/test_context.h"
#include "connectors/sqlite/options.h"
#include "sqlite/database.h"

namespace mainstem::connectors::sqlite {

connector::ConnectorSpec declare();

namespace {

using connector::testkit::Conformance;

class SqliteBench : public connector::testkit::Bench {
 public:
  connector::ConnectorSpec spec() const override { return declare(); }
  config::Node connection() const override {
    return config::Node::map({{"path", config::Node::scalar(folder_ / "bench.db")}});
  }
  connector::WriteRequest target(const std::string& name) const override { return {.name = name, .table = name}; }
  connector::ReadRequest source(const std::string& name) const override { return {.name = name, .table = name}; }
  connector::TableRef discovered(const std::string& name) const override { return {.schema = "main", .name = name}; }
  int64_t rows_for_parts() const override { return 50'000; }
  connector::testkit::ValueLimits limits() const override { return {.zero_bytes = true}; }
  std::vector<std::shared_ptr<arrow::DataType>> types() const override {
    using arrow::TimeUnit;
    return {arrow::boolean(),
            arrow::int8(),
            arrow::int16(),
            arrow::int32(),
            arrow::int64(),
            arrow::uint8(),
            arrow::uint16(),
            arrow::uint32(),
            arrow::uint64(),
            arrow::float32(),
            arrow::float64(),
            arrow::utf8(),
            arrow::large_utf8(),
            arrow::binary(),
            arrow::fixed_size_binary(3),
            arrow::date32(),
            arrow::time32(TimeUnit::SECOND),
            arrow::time32(TimeUnit::MILLI),
            arrow::time64(TimeUnit::MICRO),
            arrow::time64(TimeUnit::NANO),
            arrow::timestamp(TimeUnit::SECOND),
            arrow::timestamp(TimeUnit::MILLI),
            arrow::timestamp(TimeUnit::MICRO),
            arrow::timestamp(TimeUnit::NANO),
            arrow::timestamp(TimeUnit::MICRO, "UTC"),
            arrow::timestamp(TimeUnit::NANO, "UTC"),
            arrow::duration(TimeUnit::MICRO),
            arrow::decimal128(15, 2),
            arrow::decimal128(15, 15),
            arrow::decimal128(38, 9),
            arrow::decimal256(76, 0)};
  }

 protected:
  connector::testkit::TemporaryFolder folder_;
};

/// Only a file in WAL mode can be written while it is read.
class WalBench final : public SqliteBench {
 public:
  WalBench() {
    auto database = mainstem::sqlite::Database::open(folder_ / "bench.db", {.create = true});
    EXPECT_TRUE(database && database->execute_script("PRAGMA journal_mode = WAL"));
  }
};

using connector::testkit::make;
using connector::testkit::rule_name;
using connector::testkit::rules;

INSTANTIATE_TEST_SUITE_P(SqliteWal, Conformance, testing::ValuesIn(rules(make<WalBench>, declare().capabilities)),
                         rule_name);

// Where the journal is another, killing has other effects; the rest is the same.
std::vector<connector::testkit::Rule> killing_rules() {
  auto all = rules(make<SqliteBench>, declare().capabilities);
  std::erase_if(all, [](const auto& rule) { return rule.name.find("killed") == std::string::npos; });
  return all;
}

INSTANTIATE_TEST_SUITE_P(SqliteJournal, Conformance, testing::ValuesIn(killing_rules()), rule_name);

}  // namespace
}  // namespace mainstem::connectors::sqlite
