#include "app/schema_history.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include "base/json.h"
#include "columnar/type_name.h"
#include "config/yaml.h"

namespace mainstem::app {
namespace {

// {"column": "type", ...}
std::string schema_json(const arrow::Schema& schema) {
  JsonWriter json;
  json.begin_object();
  for (const auto& field : schema.fields()) json.member(field->name(), columnar::type_name(*field->type()));
  return json.end_object().take();
}

Error column_gone(const std::string& source, const std::string& column, const arrow::Schema& schema) {
  return Error(ErrorCode::invalid_data, fmt::format("source {} has lost its column '{}'", source, column))
      .hint(fmt::format("it has: {}; nothing was read. If the column is gone for good, run once with "
                        "--accept-schema-changes",
                        fmt::join(schema.field_names(), ", ")));
}

// Inferred from the digits that a file happens to have, decimals differ from run to run, which says nothing.
bool is_news(const std::string& before, const std::string& now) {
  const bool decimals = before.starts_with("decimal(") && now.starts_with("decimal(");
  return before != now && !decimals;
}

Result<void> compare(const plan::OpenSource& source, const std::string& before, bool accept,
                     std::vector<std::string>& changes) {
  MS_ASSIGN(const auto old, config::read_json(before, "ledger"));
  for (const auto& [column, type] : old.entries()) {
    const auto field = source.schema->GetFieldByName(column);
    if (field == nullptr && !accept) return column_gone(source.name, column, *source.schema);
    const auto now = field == nullptr ? "gone" : columnar::type_name(*field->type());
    if (is_news(type.text(), now))
      changes.push_back(
          fmt::format("{}.{}: {} in the last run, {} in this one", source.name, column, type.text(), now));
  }
  for (const auto& field : source.schema->fields())
    if (old.find(field->name()) == nullptr)
      changes.push_back(fmt::format("{}.{}: new, {}", source.name, field->name(), columnar::type_name(*field->type())));
  return {};
}

}  // namespace

Result<std::vector<std::string>> compare_schemas(state::Ledger& ledger, const plan::Plan& plan, bool accept) {
  std::vector<std::string> changes;
  for (const auto& stage : plan.stages) {
    const auto* source = std::get_if<plan::OpenSource>(&stage);
    if (source == nullptr) continue;
    MS_ASSIGN(const auto before, ledger.schema(plan.pipeline, source->name));
    if (before) MS_TRY(compare(*source, before->schema_json, accept, changes));
  }
  return changes;
}

Result<void> remember_schemas(state::Ledger& ledger, const plan::Plan& plan, const std::string& run_id,
                              const std::string& now) {
  for (const auto& stage : plan.stages) {
    const auto* source = std::get_if<plan::OpenSource>(&stage);
    if (source == nullptr) continue;
    MS_TRY(ledger.remember_schema({.pipeline = plan.pipeline,
                                   .source = source->name,
                                   .schema_json = schema_json(*source->schema),
                                   .run_id = run_id,
                                   .seen_at = now}));
  }
  return {};
}

}  // namespace mainstem::app
