#include "connector/testkit/conformance.h"

#include "connector/testkit/test_context.h"

namespace mainstem::connectors::files {

connector::ConnectorSpec declare();

namespace {

using connector::Delivery;
using connector::WriteMode;
using connector::testkit::Bench;
using connector::testkit::Conformance;
using connector::testkit::make;
using connector::testkit::rule_name;
using connector::testkit::rules;
using connector::testkit::ValueLimits;
using connector::testkit::Writes;
using Types = std::vector<std::shared_ptr<arrow::DataType>>;

/// A folder in which tables stand as files or folders.
class FilesBench : public Bench {
 public:
  connector::ConnectorSpec spec() const override { return declare(); }
  config::Node connection() const override {
    return config::Node::map({{"path", config::Node::scalar(folder_.path())}});
  }
  connector::ReadRequest source(const std::string& name) const override {
    return {.name = name, .options = place(name)};
  }
  connector::WriteRequest target(const std::string& name) const override {
    return {.name = name, .options = place(name)};
  }

 protected:
  virtual config::Node place(const std::string& name) const = 0;

 private:
  connector::testkit::TemporaryFolder folder_;
};

class CsvFile final : public FilesBench {
 public:
  connector::TableRef discovered(const std::string& name) const override {
    return {.schema = "", .name = name + ".csv"};
  }
  bool types_are_declared() const override { return true; }
  Types types() const override {
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
            arrow::timestamp(TimeUnit::MICRO),
            arrow::timestamp(TimeUnit::NANO),
            arrow::timestamp(TimeUnit::MICRO, "UTC"),
            arrow::decimal128(12, 2),
            arrow::decimal128(38, 9)};
  }

 protected:
  config::Node place(const std::string& name) const override {
    return config::Node::map({{"path", config::Node::scalar(name + ".csv")}});
  }
};

class ParquetFolder final : public FilesBench {
 public:
  ValueLimits limits() const override { return {.not_a_number = true, .zero_bytes = true}; }
  Types types() const override {
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
            arrow::time32(TimeUnit::MILLI),
            arrow::time64(TimeUnit::MICRO),
            arrow::time64(TimeUnit::NANO),
            arrow::timestamp(TimeUnit::MICRO),
            arrow::timestamp(TimeUnit::MICRO, "UTC"),
            arrow::decimal128(9, 2),
            arrow::decimal128(38, 9),
            arrow::decimal256(76, 0),
            arrow::list(arrow::utf8()),
            arrow::struct_({arrow::field("a", arrow::int64()), arrow::field("b", arrow::utf8())})};
  }

 protected:
  config::Node place(const std::string& name) const override {
    return config::Node::map({{"path", config::Node::scalar(name)}, {"format", config::Node::scalar("parquet")}});
  }
};

INSTANTIATE_TEST_SUITE_P(CsvFile, Conformance,
                         testing::ValuesIn(rules(make<CsvFile>, declare().capabilities,
                                                 Writes{{WriteMode::replace, Delivery::atomic_swap}})),
                         rule_name);

INSTANTIATE_TEST_SUITE_P(ParquetFolder, Conformance,
                         testing::ValuesIn(rules(make<ParquetFolder>, declare().capabilities,
                                                 Writes{{WriteMode::append, Delivery::atomic_commit},
                                                        {WriteMode::replace, Delivery::atomic_commit},
                                                        {WriteMode::partition, Delivery::atomic_commit}})),
                         rule_name);

}  // namespace
}  // namespace mainstem::connectors::files
