#include "connector/testkit/conformance.h"

#include "connector/testkit/test_context.h"
#include "connectors/duckdb/file.h"

namespace mainstem::connectors::duckdb {

connector::ConnectorSpec declare();

namespace {

using connector::testkit::Conformance;

class DuckdbBench final : public connector::testkit::Bench {
 public:
  DuckdbBench() {
    const auto database = mainstem::duckdb::Database::open({.path = folder_ / "bench.duckdb", .threads = 1});
    EXPECT_TRUE(database) << database.error().to_string();
  }
  connector::ConnectorSpec spec() const override { return declare(); }
  // So that one process may read and write the file.
  config::Node connection() const override {
    return config::Node::map(
        {{"path", config::Node::scalar(folder_ / "bench.duckdb")}, {"access", config::Node::scalar("read-write")}});
  }
  connector::WriteRequest target(const std::string& name) const override { return {.name = name, .table = name}; }
  connector::ReadRequest source(const std::string& name) const override { return {.name = name, .table = name}; }
  connector::TableRef discovered(const std::string& name) const override { return {.schema = "main", .name = name}; }
  connector::testkit::ValueLimits limits() const override { return {.not_a_number = true, .zero_bytes = true}; }
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
            arrow::binary(),
            arrow::date32(),
            arrow::time64(TimeUnit::MICRO),
            arrow::timestamp(TimeUnit::SECOND),
            arrow::timestamp(TimeUnit::MILLI),
            arrow::timestamp(TimeUnit::MICRO),
            arrow::timestamp(TimeUnit::NANO),
            arrow::timestamp(TimeUnit::MICRO, "UTC"),
            arrow::decimal128(4, 2),
            arrow::decimal128(18, 3),
            arrow::decimal128(38, 9),
            arrow::list(arrow::field("item", arrow::int32())),
            arrow::list(arrow::utf8()),
            arrow::struct_({arrow::field("a", arrow::int64()), arrow::field("b", arrow::utf8())})};
  }

 private:
  connector::testkit::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Duckdb, Conformance,
                         testing::ValuesIn(connector::testkit::rules(connector::testkit::make<DuckdbBench>,
                                                                     declare().capabilities)),
                         connector::testkit::rule_name);

}  // namespace
}  // namespace mainstem::connectors::duckdb
