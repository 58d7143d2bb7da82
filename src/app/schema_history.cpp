#include "app/schema_history.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "base/json.h"
#include "columnar/schema_union.h"
#include "columnar/type_name.h"
#include "columnar/wider_type.h"
#include "config/yaml.h"
#include "plan/columns.h"

namespace mainstem::app {
namespace {

// The type of a column that has not had a value.
constexpr std::string_view kUnknown = "unknown";

Error column_gone(const std::string& source, const std::string& column, const arrow::Schema& schema) {
  return Error(ErrorCode::invalid_data, fmt::format("source {} has lost its column '{}'", source, column))
      .hint(fmt::format("it has: {}; nothing was read. If the column is gone for good, run once with "
                        "--accept-schema-changes",
                        fmt::join(schema.field_names(), ", ")));
}

// Inferred from the digits that a file happens to have, decimals differ from run to run, which says nothing.
bool differ_in_digits_only(const std::string& before, const std::string& now) {
  return before.starts_with("decimal(") && now.starts_with("decimal(");
}

// A column that the pipeline does not take may become what it wants.
bool is_taken(const pipeline::SourceSpec& source, const std::string& column) {
  const auto& contract = source.contract;
  return contract.columns.empty() || contract.new_columns != pipeline::NewColumns::ignore ||
         std::ranges::any_of(contract.columns,
                             [&](const auto& declared) { return pipeline::same_name(declared.name, column); });
}

// A column of texts in which a file may have nothing but numbers for once.
bool is_text_for(const std::string& before, const arrow::DataType& now) {
  return before == columnar::type_name(*arrow::utf8()) && plan::class_of(now) != plan::TypeClass::nested;
}

bool widens(const std::string& before, const std::shared_ptr<arrow::DataType>& now) {
  const auto old = columnar::parse_type(before);
  const auto plain = columnar::plain_type(now);
  return old && (columnar::wider_type(*old, plain) != nullptr || is_text_for(before, *plain));
}

// {"column": "type", ...}; a column that has no value for once, or nothing but numbers in a column of texts, is what it
// was `before`.
std::string schema_json(const arrow::Schema& schema, const config::Node& before, bool widen) {
  JsonWriter json;
  json.begin_object();
  for (const auto& field : schema.fields()) {
    const auto* known = before.find(field->name());
    const bool no_values = columnar::is_without_values(*field);
    const bool kept = known != nullptr && (no_values || (widen && is_text_for(known->text(), *field->type())));
    const auto now = no_values ? std::string(kUnknown) : columnar::type_name(*field->type());
    json.member(field->name(), kept ? known->text() : now);
  }
  return json.end_object().take();
}

Error type_changed(const pipeline::SourceSpec& source, const std::string& column, const std::string& change) {
  const bool widen = source.contract.types == pipeline::TypeChanges::widen;
  return Error(ErrorCode::invalid_data, fmt::format("source {}: column '{}' {}", source.name, column, change))
      .at(source.position)
      .hint(fmt::format(
          "{}; nothing was read. Declare the type that is wanted in the contract, or run once with "
          "--accept-schema-changes",
          widen ? "'types: widen' takes a wider type of the same kind only" : "its contract says 'types: fail'"));
}

class Comparison {
 public:
  Comparison(const pipeline::SourceSpec& spec, const plan::OpenSource& source, bool accept)
      : spec_(spec), source_(source), accept_(accept) {}

  Result<std::vector<std::string>> with_last_run(const std::string& before) {
    MS_ASSIGN(const auto old, config::read_json(before, "ledger"));
    for (const auto& [column, type] : old.entries()) MS_TRY(compare_column(column, type.text()));
    for (const auto& field : source_.schema->fields())
      if (old.find(field->name()) == nullptr) tell(field->name(), "new, " + columnar::type_name(*field->type()));
    return std::move(changes_);
  }

  // The planner has refused all but wider types.
  std::vector<std::string> with_contract() {
    for (const auto& column : spec_.contract.columns) {
      const auto declared = columnar::parse_type(column.type);
      const auto field = source_.schema->GetFieldByName(column.name);
      if (!declared || field == nullptr) continue;
      const auto wanted = columnar::type_name(**declared);
      const auto now = columnar::type_name(*field->type());
      if (wanted != now) tell(field->name(), fmt::format("{} in the contract, {} in the source", wanted, now));
    }
    return std::move(changes_);
  }

 private:
  Result<void> compare_column(const std::string& column, const std::string& before) {
    const auto field = source_.schema->GetFieldByName(column);
    if (field == nullptr && !accept_) return column_gone(source_.name, column, *source_.schema);
    const auto now = field == nullptr ? "gone" : columnar::type_name(*field->type());
    if (before == now) return {};
    if (field != nullptr && (before == kUnknown || columnar::is_without_values(*field))) return {};
    const bool widen = spec_.contract.types == pipeline::TypeChanges::widen;
    if (widen && differ_in_digits_only(before, now)) return {};
    const bool admitted = accept_ || !is_taken(spec_, column) || (widen && widens(before, field->type()));
    if (!admitted) return type_changed(spec_, column, fmt::format("was {} in the last run and is {}", before, now));
    tell(column, fmt::format("{} in the last run, {} in this one", before, now));
    return {};
  }

  void tell(const std::string& column, const std::string& change) {
    changes_.push_back(fmt::format("{}.{}: {}", source_.name, column, change));
  }

  const pipeline::SourceSpec& spec_;
  const plan::OpenSource& source_;
  bool accept_;
  std::vector<std::string> changes_;
};

}  // namespace

Result<std::vector<std::string>> SchemaHistory::compare(const pipeline::PipelineSpec& spec, const plan::Plan& plan,
                                                        bool accept) {
  std::vector<std::string> changes;
  for (const auto& stage : plan.stages) {
    const auto* source = std::get_if<plan::OpenSource>(&stage);
    if (source == nullptr) continue;
    Comparison comparison(*spec.find_source(source->name), *source, accept);
    MS_ASSIGN(const auto before, ledger_.schema(key_, source->name));
    auto found = before ? comparison.with_last_run(before->schema_json)
                        : Result<std::vector<std::string>>(comparison.with_contract());
    if (!found) return std::move(found).error();
    changes.insert(changes.end(), found->begin(), found->end());
  }
  return changes;
}

Result<arrow::FieldVector> SchemaHistory::types_without_values(const std::string& source, const arrow::Schema& schema) {
  arrow::FieldVector fields;
  MS_ASSIGN(const auto last, ledger_.schema(key_, source));
  if (!last) return fields;
  MS_ASSIGN(const auto before, config::read_json(last->schema_json, "ledger"));
  for (const auto& field : schema.fields()) {
    const auto* known = columnar::is_without_values(*field) ? before.find(field->name()) : nullptr;
    if (known == nullptr || known->text() == kUnknown) continue;
    auto type = columnar::parse_type(known->text());
    if (type && !(*type)->Equals(*field->type())) fields.push_back(arrow::field(field->name(), *std::move(type)));
  }
  return fields;
}

Result<void> SchemaHistory::remember(const pipeline::PipelineSpec& spec, const plan::Plan& plan,
                                     const std::string& run_id, const std::string& now) {
  for (const auto& stage : plan.stages) {
    const auto* source = std::get_if<plan::OpenSource>(&stage);
    if (source == nullptr) continue;
    MS_ASSIGN(const auto last, ledger_.schema(key_, source->name));
    const bool widen = spec.find_source(source->name)->contract.types == pipeline::TypeChanges::widen;
    auto before = config::Node::map({});
    if (last) {
      MS_ASSIGN(before, config::read_json(last->schema_json, "ledger"));
    }
    MS_TRY(ledger_.remember_schema({.pipeline = key_,
                                    .source = source->name,
                                    .schema_json = schema_json(*source->schema, before, widen),
                                    .run_id = run_id,
                                    .seen_at = now}));
  }
  return {};
}

}  // namespace mainstem::app
