#include "connector/testkit/conformance.h"

#include "connectors/postgres/tests/server.h"

namespace mainstem::connectors::postgres {

connector::ConnectorSpec declare();

namespace {

using connector::testkit::Bench;
using connector::testkit::Conformance;

/// A schema and a state schema of its own on the server of the tests.
class PostgresBench final : public Bench {
 public:
  static Result<std::unique_ptr<Bench>> open() {
    const char* url = std::getenv("MAINSTEM_TEST_POSTGRES");
    if (url == nullptr)
      return Error(ErrorCode::unavailable, "MAINSTEM_TEST_POSTGRES is not set").hint("see tests/services/postgres.sh");
    auto bench = std::make_unique<PostgresBench>();
    bench->options_ = options_of(url);
    MS_ASSIGN(bench->server_, Connection::open(bench->test_, bench->options_));
    MS_TRY(bench->server_->run(bench->test_, "CREATE SCHEMA " + bench->schema_));
    return std::unique_ptr<Bench>(std::move(bench));
  }
  ~PostgresBench() override {
    if (server_ == nullptr) return;
    const auto done = server_->run(
        test_, fmt::format("DROP SCHEMA IF EXISTS {0} CASCADE; DROP SCHEMA IF EXISTS {0}_state CASCADE", schema_));
    EXPECT_TRUE(done) << done.error().to_string();
  }

  connector::ConnectorSpec spec() const override { return declare(); }
  config::Node connection() const override {
    const auto scalar = [](const std::string& text) { return config::Node::scalar(text); };
    return config::Node::map({{"host", scalar(options_.host)},
                              {"port", scalar(std::to_string(options_.port))},
                              {"database", scalar(options_.database)},
                              {"user", scalar(options_.user)},
                              {"password", scalar(std::string(options_.password.reveal()))},
                              {"state_schema", scalar(schema_ + "_state")}});
  }
  connector::WriteRequest target(const std::string& name) const override {
    return {.name = name, .table = schema_ + "." + name};
  }
  connector::ReadRequest source(const std::string& name) const override {
    return {.name = name, .table = schema_ + "." + name};
  }
  connector::TableRef discovered(const std::string& name) const override { return {.schema = schema_, .name = name}; }
  connector::testkit::ValueLimits limits() const override { return {.not_a_number = true}; }
  std::vector<std::shared_ptr<arrow::DataType>> types() const override {
    using arrow::TimeUnit;
    return {arrow::boolean(),
            arrow::int16(),
            arrow::int32(),
            arrow::int64(),
            arrow::float32(),
            arrow::float64(),
            arrow::utf8(),
            arrow::binary(),
            arrow::date32(),
            arrow::time64(TimeUnit::MICRO),
            arrow::timestamp(TimeUnit::MICRO),
            arrow::timestamp(TimeUnit::MICRO, "UTC"),
            arrow::decimal128(12, 2),
            arrow::decimal128(38, 9),
            arrow::list(arrow::int32()),
            arrow::list(arrow::utf8())};
  }

 private:
  connector::testkit::TestContext test_;
  ConnectionOptions options_;
  std::string schema_ = [] {
    static int count = 0;
    return fmt::format("bench_{}_{}", getpid(), ++count);
  }();
  std::unique_ptr<Connection> server_;
};

INSTANTIATE_TEST_SUITE_P(Postgres, Conformance,
                         testing::ValuesIn(connector::testkit::rules(PostgresBench::open, declare().capabilities)),
                         connector::testkit::rule_name);

}  // namespace
}  // namespace mainstem::connectors::postgres
