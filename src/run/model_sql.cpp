#include "run/model_sql.h"

#include <algorithm>
#include <fmt/format.h>

#include "check/compile.h"
#include "connector/table.h"
#include "run/row_checks.h"

namespace mainstem::run {
namespace {

using connector::quote_identifier;
using connector::quote_literal;

// One output column, masked if the model says so, read from alias t.
std::string column_expression(const plan::Transform& model, const std::string& column) {
  auto clear = "t." + quote_identifier(column);
  for (size_t i = 0; i < model.masks.size(); ++i)
    if (model.masks[i].column == column)
      return fmt::format("{}(cast({} as varchar))", mask_function(model.name, i), clear);
  return clear;
}

std::string select_list(const plan::Transform& model) {
  std::vector<std::string> items;
  for (const auto& column : model.columns)
    items.push_back(column_expression(model, column) + " as " + quote_identifier(column));
  return fmt::format("{}", fmt::join(items, ", "));
}

std::string json_record(const plan::Transform& model) {
  if (model.hide_records) return "cast(null as varchar)";
  std::vector<std::string> parts;
  for (const auto& column : model.columns)
    parts.push_back(quote_literal(column) + ", " + column_expression(model, column));
  return fmt::format("cast(json_object({}) as varchar)", fmt::join(parts, ", "));
}

}  // namespace

std::string mask_function(const std::string& model, size_t index) {
  // Function names are not quoted in calls: keep to letters that need none, and to one name per model and column.
  std::string name = "_mainstem_mask_";
  for (unsigned char c : model) name += fmt::format("{:02x}", c);
  return name + "_" + std::to_string(index);
}

// The line break before ")" keeps a comment at the end of the user's SQL from swallowing it.
std::string masked_select(const plan::Transform& model) {
  if (model.masks.empty()) return model.sql;
  return fmt::format("select {} from ({}\n) as t", select_list(model), model.sql);
}

Result<std::string> checked_select(const plan::Transform& model, uint64_t quarantine_bits) {
  MS_ASSIGN(const auto violations, check::violations_expression(model.row_checks));
  return fmt::format(
      "select {0}, t.{1} as {1}, case when t.{1} & {2} <> 0 then {3} end as {4} "
      "from (select t.*, {5} as {1} from ({6}\n) as t) as t",
      select_list(model), quote_identifier(kViolationsColumn), static_cast<int64_t>(quarantine_bits),
      json_record(model), quote_identifier(kRecordColumn), violations, model.sql);
}

}  // namespace mainstem::run
