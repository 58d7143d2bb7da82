#include "plan/contract.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "check/compile.h"
#include "columnar/type_name.h"
#include "connector/table.h"
#include "plan/columns.h"
#include "plan/planner.h"

namespace mainstem::plan {
namespace {

using connector::quote_identifier;
using pipeline::Contract;
using pipeline::ContractColumn;
using pipeline::SourceSpec;

Error broken(const SourceSpec& source, const FilePosition& position, std::string message) {
  return Error(ErrorCode::invalid_data, fmt::format("source '{}' breaks its contract: {}", source.name, message))
      .at(position);
}

const ContractColumn* find_contract(const Contract& contract, const std::string& name) {
  const auto it = std::ranges::find_if(
      contract.columns, [&](const ContractColumn& column) { return pipeline::same_name(column.name, name); });
  return it == contract.columns.end() ? nullptr : &*it;
}

Result<std::shared_ptr<arrow::Field>> declared_field(const ContractColumn& column, engine::Analyzer& analyzer) {
  const auto sql = fmt::format("select cast(null as {}) as {}", column.type, quote_identifier(column.name));
  auto schema = analyzer.describe(sql, {});
  if (!schema)
    return Error(schema.error().code(), fmt::format("column '{}': '{}' is not a type", column.name, column.type))
        .at(column.position)
        .hint("types are those of SQL: text, bigint, decimal(12,2), date, timestamp, boolean");
  return (*schema)->field(0);
}

// The column as it is, or cast to the declared type where that loses nothing.
Result<std::string> column_as_declared(const SourceSpec& source, const arrow::Field& field,
                                       engine::Analyzer& analyzer) {
  auto name = quote_identifier(field.name());
  const auto* column = find_contract(source.contract, field.name());
  if (column == nullptr || column->type.empty()) return name;
  MS_ASSIGN(const auto declared, declared_field(*column, analyzer));
  if (declared->type()->Equals(field.type())) return name;
  const bool may_widen = source.contract.types == pipeline::TypeChanges::widen;
  if (may_widen && holds_all(*field.type(), *declared->type())) return name;
  if (may_widen && holds_all(*declared->type(), *field.type()))
    return fmt::format("cast({0} as {1}) as {0}", name, column->type);
  return broken(source, column->position,
                fmt::format("column '{}' is of type {}, not {}", field.name(), columnar::type_name(*field.type()),
                            column->type))
      .hint(
          fmt::format("change the contract{}, or leave the type out of it and cast the column in a model",
                      !may_widen && holds_all(*field.type(), *declared->type()) ? " or set 'types: widen' in it" : ""));
}

Result<bool> is_wanted(const SourceSpec& source, const std::string& name) {
  const auto& contract = source.contract;
  const bool listed = source.columns.empty() || std::ranges::any_of(source.columns, [&](const std::string& wanted) {
                        return pipeline::same_name(wanted, name);
                      });
  if (!listed) return false;
  if (contract.columns.empty() || find_contract(contract, name) != nullptr) return true;
  if (contract.new_columns == pipeline::NewColumns::fail)
    return broken(source, source.position, fmt::format("it does not name column '{}'", name))
        .hint("add the column to the contract, or set 'new_columns' to evolve or ignore");
  return contract.new_columns == pipeline::NewColumns::evolve;
}

// Columns of the source that are wanted, in their order: that of the projection if there is one.
Result<std::vector<std::string>> wanted_columns(const SourceSpec& source, const arrow::Schema& schema) {
  auto candidates = schema.field_names();
  if (!source.columns.empty()) {
    MS_ASSIGN(candidates, find_columns(schema, source.columns, source.name, source.position));
  }
  std::vector<std::string> wanted;
  for (const auto& name : candidates) {
    MS_ASSIGN(const bool is, is_wanted(source, name));
    if (is) wanted.push_back(name);
  }
  return wanted;
}

// The same check of the source's own goes before that of the contract.
std::vector<check::Check> contract_checks(const SourceSpec& source) {
  std::vector<check::Check> checks;
  const auto add = [&](const ContractColumn& column, check::Rule rule) {
    auto check = contract_check(source, std::move(rule), column.position);
    const auto is_same = [&, predicate = check::failing_row_predicate(check.rule)](const check::Check& own) {
      return own.rule.index() == check.rule.index() && check::failing_row_predicate(own.rule) == predicate;
    };
    if (std::ranges::none_of(source.checks, is_same)) checks.push_back(std::move(check));
  };
  for (const auto& column : source.contract.columns) {
    if (column.not_null) add(column, check::NotNull{{column.name}});
    if (const auto most = columnar::text_length(column.type))
      add(column, check::Length{.column = column.name, .min = std::nullopt, .max = most});
  }
  return checks;
}

}  // namespace

check::Check contract_check(const SourceSpec& source, check::Rule rule, const FilePosition& position) {
  const bool quarantine = source.contract.bad_rows == pipeline::BadRows::quarantine;
  auto name = check::default_name(rule);
  return {.name = std::move(name),
          .rule = std::move(rule),
          .severity = check::Severity::error,
          .on_fail = quarantine ? check::OnFail::quarantine : check::OnFail::block,
          .position = position};
}

Result<SourceShape> shape_source(const SourceSpec& source, const arrow::Schema& schema, engine::Analyzer& analyzer) {
  for (const auto& column : source.contract.columns)
    MS_TRY(find_column(schema, column.name, source.name, column.position));
  MS_ASSIGN(const auto wanted, wanted_columns(source, schema));
  if (wanted.empty())
    return Error(ErrorCode::invalid_config, fmt::format("no column of source '{}' is left", source.name))
        .at(source.position)
        .hint("name at least one of its columns");
  bool changed = wanted != schema.field_names();
  std::vector<std::string> items;
  for (const auto& name : wanted) {
    MS_ASSIGN(auto item, column_as_declared(source, *schema.GetFieldByName(name), analyzer));
    changed = changed || item != quote_identifier(name);
    items.push_back(std::move(item));
  }
  SourceShape shape{.select = {}, .checks = contract_checks(source)};
  if (changed) shape.select = fmt::format("{}", fmt::join(items, ", "));
  return shape;
}

Result<std::shared_ptr<arrow::Schema>> declared_schema(const SourceSpec& source, engine::Analyzer& analyzer) {
  arrow::FieldVector fields;
  for (const auto& column : source.contract.columns) {
    if (column.type.empty()) continue;
    MS_ASSIGN(auto field, declared_field(column, analyzer));
    fields.push_back(std::move(field));
  }
  if (fields.empty()) return std::shared_ptr<arrow::Schema>();
  return arrow::schema(std::move(fields));
}

}  // namespace mainstem::plan
