#include "connector/testkit/shapes/paged_api.h"

#include <arrow/api.h>

#include "connector/testkit/conformance.h"
#include "connector/testkit/test_context.h"

namespace mainstem::connector::testkit::shapes {
namespace {

class PagedBench final : public Bench {
 public:
  ConnectorSpec spec() const override { return paged_api(server_); }
  config::Node connection() const override { return {}; }
  WriteRequest target(const std::string& name) const override { return {.name = name, .table = name, .options = {}}; }
  ReadRequest source(const std::string& name) const override {
    return {.name = name, .table = name, .options = {}, .columns = {"id", "name", "part"}};
  }
  std::string cursor_column() const override { return "updated"; }
  std::vector<std::shared_ptr<arrow::DataType>> types() const override { return {}; }
  Result<void> fill(Context&, const std::string& name, const std::shared_ptr<arrow::RecordBatch>& rows) override {
    server_.clear(name);
    const auto& ids = static_cast<const arrow::Int64Array&>(*rows->GetColumnByName("id"));
    const auto& names = static_cast<const arrow::StringArray&>(*rows->GetColumnByName("name"));
    const auto& parts = static_cast<const arrow::StringArray&>(*rows->GetColumnByName("part"));
    for (int64_t i = 0; i < rows->num_rows(); ++i) {
      ApiServer::Record record{
          .id = ids.Value(i), .name = {}, .part = parts.GetString(i), .updated = 1'000 + ids.Value(i)};
      if (names.IsValid(i)) record.name = names.GetString(i);
      server_.put(name, std::move(record));
    }
    return {};
  }

 private:
  FixedClock clock_;
  mutable ApiServer server_{clock_};
};

// Made from a server that is gone: only what it declares is looked at.
Capabilities declared() {
  const FixedClock clock;
  ApiServer server(clock);
  return paged_api(server).capabilities;
}

INSTANTIATE_TEST_SUITE_P(PagedApi, Conformance, testing::ValuesIn(rules(make<PagedBench>, declared())), rule_name);

}  // namespace
}  // namespace mainstem::connector::testkit::shapes
