#include "connector/testkit/shapes/keyed_store.h"

#include "connector/testkit/conformance.h"
#include "connector/testkit/test_context.h"

namespace mainstem::connector::testkit::shapes {
namespace {

class KeyedBench final : public Bench {
 public:
  ConnectorSpec spec() const override { return keyed_store(); }
  config::Node connection() const override {
    return config::Node::map({{"path", config::Node::scalar(folder_.path())}});
  }
  WriteRequest target(const std::string& name) const override { return {.name = name, .table = name, .options = {}}; }
  ReadRequest source(const std::string& name) const override { return {.name = name, .table = name, .options = {}}; }
  ValueLimits limits() const override { return {.not_a_number = true, .zero_bytes = true}; }
  std::vector<std::shared_ptr<arrow::DataType>> types() const override {
    return {arrow::int64(), arrow::utf8(), arrow::timestamp(arrow::TimeUnit::NANO), arrow::decimal128(38, 9)};
  }
  /// Each row is a record of its own, whatever its columns.
  Result<void> fill(Context& context, const std::string& name,
                    const std::shared_ptr<arrow::RecordBatch>& rows) override {
    MS_ASSIGN(const auto sink, keyed_store().make_sink(connection()));
    auto request = target(name);
    request.schema = rows->schema();
    request.mode = WriteMode::merge;
    request.key = {rows->schema()->field(0)->name()};
    MS_ASSIGN(const auto unit, sink->begin(context, "filling"));
    MS_ASSIGN(const auto table, unit->stage(context, request));
    MS_ASSIGN(const auto lane, table->open_lane(context));
    return lane->write(context, *rows);
  }

 private:
  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(KeyedStore, Conformance,
                         testing::ValuesIn(rules(make<KeyedBench>, keyed_store().capabilities)), rule_name);

}  // namespace
}  // namespace mainstem::connector::testkit::shapes
