#include "connector/testkit/conformance.h"

#include "connector/testkit/rule_list.h"

namespace mainstem::connector::testkit {
namespace {

Result<void> has_the_sides_it_declares(Trial& trial, const Capabilities& tried) {
  const auto& spec = trial.spec;
  const auto& can = spec.capabilities;
  if (can.read != static_cast<bool>(spec.make_source)) return broken("`read` and make_source disagree");
  if (can.write != static_cast<bool>(spec.make_sink)) return broken("`write` and make_sink disagree");
  if (can.changes != static_cast<bool>(spec.make_change_source))
    return broken("`changes` and make_change_source disagree");
  if (can.write == can.writes.empty()) return broken("`write` and `writes` disagree");
  for (const auto& [mode, delivery] : tried.writes) {
    const auto declared = can.delivery(mode);
    if (!declared) return broken("a write mode is tried that is not declared");
    if (delivery > *declared) return broken("less is tried than is declared");
  }
  return {};
}

}  // namespace

Result<void> Bench::fill(Context& context, const std::string& name, const std::shared_ptr<arrow::RecordBatch>& rows) {
  MS_ASSIGN(const auto sink, spec().make_sink(connection()));
  auto request = target(name);
  request.name = name;
  request.schema = rows->schema();
  if (!spec().capabilities.delivery(WriteMode::replace)) {
    request.mode = WriteMode::merge;
    request.key = {"id"};
  }
  MS_TRY(sink->check(context, request));
  MS_ASSIGN(const auto unit, sink->begin(context, "filling"));
  MS_ASSIGN(const auto table, unit->stage(context, request));
  MS_ASSIGN(const auto lane, table->open_lane(context));
  MS_TRY(lane->write(context, *rows));
  MS_TRY(lane->close(context));
  MS_TRY(table->finish(context));
  MS_TRY(unit->commit(context, {}));
  return {};
}

std::vector<Rule> rules(const MakeBench& make_bench, const Capabilities& declared, const std::optional<Writes>& tried) {
  RuleList list(make_bench, declared, tried);
  const auto& capabilities = list.capabilities;
  list.add("has_the_sides_it_declares",
           [capabilities](Trial& trial) { return has_the_sides_it_declares(trial, capabilities); });
  if (capabilities.read) {
    add_read_rules(list);
    if (capabilities.cursor) add_cursor_rules(list);
  }
  if (capabilities.write) {
    add_write_rules(list);
    if (capabilities.read) {
      add_crash_rules(list);
      add_type_rules(list);
    }
  }
  return list.rules;
}

std::string rule_name(const testing::TestParamInfo<Rule>& info) { return info.param.name; }

TEST_P(Conformance, Holds) {
  const auto bench = GetParam().make_bench();
  if (!bench && bench.error().code() == ErrorCode::unavailable) GTEST_SKIP() << bench.error().to_string();
  ASSERT_TRUE(bench) << bench.error().to_string();
  const auto held = GetParam().check(**bench);
  EXPECT_TRUE(held) << held.error().to_string();
}

}  // namespace mainstem::connector::testkit
