#include "plan/lineage.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>
#include <map>
#include <set>

#include "base/json.h"
#include "pipeline/spec.h"
#include "plan/columns.h"
#include "plan/names.h"

namespace mainstem::plan {
namespace {

using Origins = std::vector<engine::ColumnOrigin>;

// What is known of one source or model: its shape, and for each column where it comes from.
struct Table {
  std::shared_ptr<arrow::Schema> schema;
  std::map<std::string, Origins> direct;
  std::map<std::string, Origins> sources;
};

Origins sorted(Origins origins) {
  std::ranges::sort(origins);
  const auto doubles = std::ranges::unique(origins);
  origins.erase(doubles.begin(), doubles.end());
  return origins;
}

class Tracer {
 public:
  explicit Tracer(engine::Analyzer& analyzer) : analyzer_(analyzer) {}

  Result<void> take(const Stage& stage) {
    if (const auto* source = std::get_if<OpenSource>(&stage)) take_source(*source);
    if (const auto* transform = std::get_if<Transform>(&stage))
      return tables_.contains(transform->name) ? reshape_source(*transform) : take_model(*transform);
    if (const auto* target = std::get_if<StageTarget>(&stage)) take_target(*target);
    return {};
  }

  std::vector<TargetColumn> result() && { return std::move(columns_); }

 private:
  const Table* find(std::string_view name) const {
    const auto it =
        std::ranges::find_if(tables_, [&](const auto& entry) { return pipeline::same_name(entry.first, name); });
    return it == tables_.end() ? nullptr : &it->second;
  }

  void take_source(const OpenSource& source) {
    auto& table = tables_[source.name];
    table.schema = source.schema;
    for (const auto& name : source.schema->field_names()) {
      table.direct[name] = {{.table = source.name, .column = name}};
      table.sources[name] = table.direct[name];
    }
  }

  // Readers of a source see its columns as the plan casts and masks them.
  Result<void> reshape_source(const Transform& source) {
    auto& schema = tables_.at(source.name).schema;
    if (!source.sql.empty()) {
      const engine::KnownTable stream{.name = inner_name(source.name, "stream"), .schema = schema};
      MS_ASSIGN_DURING(schema, analyzer_.describe(source.sql, {stream}), "tracing " + source.name);
    }
    schema = masked_schema(schema, source.masks);
    return {};
  }

  Result<void> take_model(const Transform& model) {
    MS_ASSIGN(const auto references, analyzer_.references(model.sql));
    std::vector<engine::KnownTable> known;
    for (const auto& reference : references)
      if (const auto* table = find(reference.name)) known.push_back({.name = reference.name, .schema = table->schema});
    Table table;
    MS_ASSIGN_DURING(table.schema, analyzer_.describe(model.sql, known), "tracing " + model.name);
    MS_ASSIGN_DURING(const auto lineage, analyzer_.lineage(model.sql, known), "tracing " + model.name);
    table.schema = masked_schema(table.schema, model.masks);
    for (const auto& column : lineage) {
      table.direct[column.column] = column.origins;
      Origins sources;
      for (const auto& origin : column.origins) add_sources(origin, sources);
      table.sources[column.column] = sorted(std::move(sources));
    }
    tables_[model.name] = std::move(table);
    return {};
  }

  void add_sources(const engine::ColumnOrigin& origin, Origins& sources) const {
    const auto* table = find(origin.table);
    if (table == nullptr) return;
    const auto it = table->sources.find(origin.column);
    if (it != table->sources.end()) sources.insert(sources.end(), it->second.begin(), it->second.end());
  }

  void take_target(const StageTarget& target) {
    const auto* table = find(target.model);
    if (table == nullptr) return;
    for (const auto& name : target.request.schema->field_names()) {
      TargetColumn column{.target = target.name, .model = target.model, .column = name, .direct = {}, .sources = {}};
      if (const auto it = table->direct.find(name); it != table->direct.end()) column.direct = it->second;
      if (const auto it = table->sources.find(name); it != table->sources.end()) column.sources = it->second;
      columns_.push_back(std::move(column));
    }
  }

  engine::Analyzer& analyzer_;
  std::map<std::string, Table> tables_;
  std::vector<TargetColumn> columns_;
};

std::string joined(const Origins& origins) {
  std::vector<std::string> names;
  for (const auto& origin : origins) names.push_back(origin.table + "." + origin.column);
  return names.empty() ? "(no column)" : fmt::format("{}", fmt::join(names, ", "));
}

void write_origins(JsonWriter& json, const char* name, const Origins& origins) {
  json.key(name).begin_array();
  for (const auto& origin : origins)
    json.begin_object().member("table", origin.table).member("column", origin.column).end_object();
  json.end_array();
}

}  // namespace

Result<std::vector<TargetColumn>> trace_lineage(const Plan& plan, engine::Analyzer& analyzer) {
  Tracer tracer(analyzer);
  for (const auto& stage : plan.stages) MS_TRY(tracer.take(stage));
  return std::move(tracer).result();
}

std::string lineage_text(const std::vector<TargetColumn>& lineage) {
  std::string text;
  std::string target;
  for (const auto& column : lineage) {
    if (column.target != target)
      text += fmt::format("{}{} (model {})\n", text.empty() ? "" : "\n", column.target, column.model);
    target = column.target;
    text += fmt::format("  {}\n      ← {}\n", column.column, joined(column.direct));
    if (column.sources != column.direct) text += fmt::format("      ⇐ {}\n", joined(column.sources));
  }
  return text;
}

std::string lineage_json(const std::vector<TargetColumn>& lineage) {
  JsonWriter json;
  json.begin_object().member("lineage", 1).key("columns").begin_array();
  for (const auto& column : lineage) {
    json.begin_object().member("target", column.target).member("model", column.model).member("column", column.column);
    write_origins(json, "direct", column.direct);
    write_origins(json, "sources", column.sources);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace mainstem::plan
