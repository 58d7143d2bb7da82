#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plan/planner.h"

namespace mainstem::plan {

template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().to_string();
    std::abort();
  }
  return *std::move(result);
}

/// Answers what a test has told it; "select * from NAME" and "select cast(null as TYPE) as NAME" it knows by itself.
class FakeAnalyzer final : public engine::Analyzer {
 public:
  Result<std::vector<engine::Reference>> references(const std::string& sql) override {
    const auto it = reads.find(sql);
    return it == reads.end() ? std::vector<engine::Reference>{} : it->second;
  }

  Result<std::shared_ptr<arrow::Schema>> describe(const std::string& sql,
                                                  const std::vector<engine::KnownTable>& tables) override {
    for (const auto& table : tables) known[table.name] = table.schema;
    if (const auto it = errors.find(sql); it != errors.end()) return it->second;
    if (const auto it = schemas.find(sql); it != schemas.end()) return it->second;
    for (const auto& table : tables)
      if (sql == "select * from \"" + table.name + "\"") return table.schema;
    if (sql.starts_with("select cast(null as ")) return typed_null(sql.substr(20));
    return Error(ErrorCode::invalid_config, "the test does not know: " + sql);
  }

  Result<std::vector<engine::ColumnLineage>> lineage(const std::string& sql,
                                                     const std::vector<engine::KnownTable>&) override {
    const auto it = lineages.find(sql);
    if (it == lineages.end()) return Error(ErrorCode::invalid_config, "the test does not know: " + sql);
    return it->second;
  }

  Result<void> check_value(const std::string& text, const arrow::DataType&) override { return refuse_nonsense(text); }
  Result<void> check_pattern(const std::string& pattern) override { return refuse_nonsense(pattern); }

  std::map<std::string, std::vector<engine::Reference>> reads;
  std::map<std::string, std::shared_ptr<arrow::Schema>> schemas;
  std::map<std::string, Error> errors;
  std::map<std::string, std::vector<engine::ColumnLineage>> lineages;
  std::map<std::string, std::shared_ptr<arrow::Schema>> known;  ///< last shapes that were given, by name

 private:
  static Result<void> refuse_nonsense(const std::string& text) {
    if (text == "nonsense") return Error(ErrorCode::invalid_config, "the engine's reason");
    return {};
  }

  static Result<std::shared_ptr<arrow::Schema>> typed_null(const std::string& rest) {
    const auto end = rest.find(") as \"");
    const auto type = rest.substr(0, end);
    const auto name = rest.substr(end + 6, rest.size() - end - 7);
    if (type == "text") return arrow::schema({arrow::field(name, arrow::utf8())});
    if (type == "bigint") return arrow::schema({arrow::field(name, arrow::int64())});
    if (type == "integer") return arrow::schema({arrow::field(name, arrow::int32())});
    return Error(ErrorCode::invalid_config, "no such type");
  }
};

/// A pipeline in the making and everything the planner asks for. By default every target is transactional.
struct World {
  World() { spec.name = "shop"; }

  pipeline::SourceSpec& source(const std::string& name, std::shared_ptr<arrow::Schema> schema, int64_t rows = -1) {
    SourceFacts fact{.name = name,
                     .request = {.name = name, .table = "public." + name},
                     .schema = std::move(schema),
                     .estimate = {.rows = rows, .bytes = rows < 0 ? -1 : rows * 100},
                     .description = "one snapshot"};
    facts.push_back(std::move(fact));
    spec.sources.push_back({.name = name,
                            .from = "crm",
                            .table = "public." + name,
                            .position = {.file = "shop.yaml", .line = 10, .column = 3}});
    return spec.sources.back();
  }

  pipeline::TransformSpec& model(const std::string& name, const std::string& sql,
                                 const std::vector<std::pair<std::string, int>>& reads,
                                 std::shared_ptr<arrow::Schema> schema) {
    for (const auto& [read, uses] : reads) analyzer.reads[sql].push_back({.schema = "", .name = read, .uses = uses});
    analyzer.schemas[sql] = std::move(schema);
    spec.transforms.push_back({.name = name,
                               .sql = {.text = sql, .place = {.first = {.file = "shop.yaml", .line = 20, .column = 5}}},
                               .position = {.file = "shop.yaml", .line = 19, .column = 3}});
    return spec.transforms.back();
  }

  pipeline::TargetSpec& target(const std::string& model, const std::string& table, const std::string& to = "dwh") {
    spec.targets.push_back(
        {.model = model, .to = to, .table = table, .position = {.file = "shop.yaml", .line = 40, .column = 5}});
    return spec.targets.back();
  }

  void mask(const std::string& model, const std::string& column) {
    spec.masks.push_back({.model = model,
                          .column = column,
                          .method = security::MaskMethod::hash,
                          .key = Secret("the-secret-key"),
                          .position = {.file = "shop.yaml", .line = 30, .column = 3}});
  }

  /// Makes a source incremental in the spec and in what was found out about it.
  void incremental(const std::string& name, const std::string& column, const std::string& lookback = "") {
    for (auto& source : spec.sources)
      if (source.name == name) source.incremental = pipeline::Incremental{.cursor = column, .lookback = lookback};
    for (auto& fact : facts)
      if (fact.name == name)
        fact.request.cursor = connector::CursorRange{
            .column = column, .after = columnar::Position{.bytes = "7", .printable = "7"}, .lookback = lookback};
  }

  Result<pipeline::Graph> graph() {
    return pipeline::build_graph(spec, [this](const std::string& sql) { return analyzer.references(sql); });
  }

  Result<Plan> plan() {
    MS_ASSIGN(const auto graph, this->graph());
    return make_plan({.spec = spec,
                      .graph = graph,
                      .sources = facts,
                      .target_facts = [this](const pipeline::TargetSpec& target,
                                             const connector::WriteRequest&) -> Result<TargetFacts> {
                        return TargetFacts{
                            .uri = "postgres://" + target.to + ":5432/" + target.name(),
                            .delivery = delivery,
                            .group_publish = group_publish,
                            .quarantine = {.name = "_mainstem.quarantine", .table = "_mainstem.quarantine"}};
                      },
                      .analyzer = analyzer,
                      .accept_weaker_delivery = accept_weaker_delivery});
  }

  pipeline::PipelineSpec spec;
  std::vector<SourceFacts> facts;
  FakeAnalyzer analyzer;
  std::optional<connector::Delivery> delivery = connector::Delivery::transactional;
  bool group_publish = true;
  bool accept_weaker_delivery = false;
};

inline std::shared_ptr<arrow::Schema> columns(
    const std::vector<std::pair<std::string, std::shared_ptr<arrow::DataType>>>& columns) {
  arrow::FieldVector fields;
  for (const auto& [name, type] : columns) fields.push_back(arrow::field(name, type));
  return arrow::schema(std::move(fields));
}

/// All stages of one kind, in order.
template <class Kind>
std::vector<Kind> all_of(const Plan& plan) {
  std::vector<Kind> found;
  for (const auto& stage : plan.stages)
    if (const auto* typed = std::get_if<Kind>(&stage)) found.push_back(*typed);
  return found;
}

/// The kinds of the stages and what they are about, "open customers".
inline std::vector<std::string> outline(const Plan& plan) {
  struct Words {
    std::string operator()(const OpenSource& s) const { return "open " + s.name; }
    std::string operator()(const Land& s) const { return "land " + s.source; }
    std::string operator()(const Transform& s) const {
      return (s.sql.empty() ? "stream " : s.landed ? "compute " : "view ") + s.name;
    }
    std::string operator()(const RunChecks& s) const { return "check " + s.model; }
    std::string operator()(const StageTarget& s) const { return (s.direct ? "copy " : "fill ") + s.name; }
    std::string operator()(const VerifyTarget& s) const { return "verify " + s.name; }
    std::string operator()(const CheckBudget&) const { return "budget"; }
    std::string operator()(const StageQuarantine& s) const { return "quarantine " + s.connection; }
    std::string operator()(const PublishGroup& s) const { return "publish " + s.connection; }
    std::string operator()(const RecordRun&) const { return "record"; }
  };
  std::vector<std::string> words;
  for (const auto& stage : plan.stages) words.push_back(std::visit(Words{}, stage));
  return words;
}

}  // namespace mainstem::plan
