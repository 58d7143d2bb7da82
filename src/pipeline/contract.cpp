#include "pipeline/contract.h"

#include <arrow/api.h>

#include "columnar/type_name.h"
#include "pipeline/checks.h"

namespace mainstem::pipeline {

Result<std::shared_ptr<arrow::Schema>> declared_schema(const Contract& contract) {
  if (contract.columns.empty()) return std::shared_ptr<arrow::Schema>();
  arrow::FieldVector fields;
  for (const auto& column : contract.columns) {
    auto type = columnar::parse_type(column.type);
    if (!type) return std::move(type).error().at(column.position).during("reading the type of '" + column.name + "'");
    fields.push_back(arrow::field(column.name, *std::move(type)));
  }
  return arrow::schema(std::move(fields));
}

std::vector<check::Check> source_checks(const SourceSpec& source) {
  const auto on_fail =
      source.contract.bad_rows == BadRows::quarantine ? check::OnFail::quarantine : check::OnFail::block;
  std::vector<check::Check> checks;
  const auto add = [&](const ContractColumn& column, check::Rule rule) {
    auto name = check::default_name(rule);
    checks.push_back(
        {.name = std::move(name), .rule = std::move(rule), .on_fail = on_fail, .position = column.position});
  };
  for (const auto& column : source.contract.columns) {
    if (column.not_null) add(column, check::NotNull{.columns = {column.name}});
    if (const auto most = columnar::text_length(column.type))
      add(column, check::Length{.column = column.name, .min = std::nullopt, .max = most});
  }
  checks.insert(checks.end(), source.checks.begin(), source.checks.end());
  make_names_unique(checks);
  return checks;
}

}  // namespace mainstem::pipeline
