#include "connectors/duckdb/table_change.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/wider_type.h"
#include "duckdb/types.h"

namespace mainstem::connectors::duckdb {
namespace {

using connector::WriteMode;
using connector::WriteRequest;
using Names = std::vector<std::string>;

bool contains(const Names& names, std::string_view name) {
  return std::ranges::any_of(names, [&](const auto& own) { return same_name(own, name); });
}

Result<void> check_names(const WriteRequest& request) {
  const auto names = request.schema->field_names();
  if (names.empty()) return Error(ErrorCode::invalid_config, "a table needs a column");
  for (size_t i = 0; i < names.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (same_name(names[i], names[j]))
        return Error(ErrorCode::invalid_config,
                     fmt::format("columns '{}' and '{}' are one name to DuckDB", names[j], names[i]))
            .hint("rename one of them in a model");
  return {};
}

Result<void> check_listed(const WriteRequest& request, const Names& listed, std::string_view what) {
  const auto names = request.schema->field_names();
  for (const auto& name : listed)
    if (!contains(names, name))
      return Error(ErrorCode::invalid_config, fmt::format("the {} column '{}' is not among the columns", what, name))
          .hint(fmt::format("columns: {}", fmt::join(names, ", ")));
  return {};
}

Result<void> check_request(const WriteRequest& request) {
  MS_TRY(check_names(request));
  if (request.mode == WriteMode::merge && request.key.empty())
    return Error(ErrorCode::invalid_config, "mode merge needs a key")
        .hint("set key to the columns that identify a row");
  if (request.mode == WriteMode::partition && request.partition_by.empty())
    return Error(ErrorCode::invalid_config, "mode partition needs partition_by")
        .hint("set partition_by to the columns whose values are replaced as a whole");
  MS_TRY(check_listed(request, request.key, "key"));
  MS_TRY(check_listed(request, request.partition_by, "partition"));
  for (const auto& columns : request.indexes) MS_TRY(check_listed(request, columns, "index"));
  return {};
}

Result<std::string> sql_type_of(const arrow::Field& field) {
  auto type = mainstem::duckdb::sql_type(*field.type());
  if (!type) return std::move(type).error().during("creating column " + field.name());
  return type;
}

Result<TableChange> new_table(const WriteRequest& request) {
  TableChange change{.create = true, .staged = {}, .added = {}, .widened = {}};
  for (const auto& field : request.schema->fields()) {
    MS_ASSIGN(auto type, sql_type_of(*field));
    change.staged.push_back({.name = field->name(), .sql_type = std::move(type), .nullable = field->nullable()});
  }
  return change;
}

Error does_not_fit(const arrow::Field& field, const Column& column) {
  return Error(ErrorCode::invalid_config, fmt::format("column '{}' is {}, but {} in the table", field.name(),
                                                      field.type()->ToString(), column.sql_type))
      .hint("cast the column in a model, or write the table with mode replace");
}

Result<void> add_known(TableChange& change, const arrow::Field& field, const Column& column) {
  const auto type = columnar::plain_type(field.type());
  const auto wider = columnar::wider_type(column.type, type);
  if (wider == nullptr) return does_not_fit(field, column);
  ColumnDefinition definition{.name = column.name, .sql_type = column.sql_type, .nullable = column.nullable};
  // Arrow tells apart what is one type to DuckDB (utf8 and large_utf8): only its own names decide.
  MS_ASSIGN(const auto before, mainstem::duckdb::sql_type(*column.type));
  const auto after = mainstem::duckdb::sql_type(*wider);
  if (!after) return does_not_fit(field, column);
  if (*after != before) {
    if (column.fixed)
      return Error(ErrorCode::invalid_config,
                   fmt::format("column '{}' would have to become {}, but a key or index of the table holds it",
                               column.name, *after))
          .hint(fmt::format("cast the column to {} in a model", column.sql_type));
    definition.sql_type = *after;
    change.widened.push_back(definition);
  }
  change.staged.push_back(std::move(definition));
  return {};
}

Result<void> add_new(TableChange& change, const arrow::Field& field, const TargetOptions& options) {
  if (options.new_columns == NewColumns::error)
    return Error(ErrorCode::invalid_config, fmt::format("the table has no column '{}'", field.name()))
        .hint("set new_columns: add, or leave the column out in a model");
  MS_ASSIGN(auto type, sql_type_of(field));
  // The rows that are there already have no value for it.
  change.added.push_back({.name = field.name(), .sql_type = std::move(type), .nullable = true});
  change.staged.push_back(change.added.back());
  return {};
}

Result<TableChange> changed_table(const WriteRequest& request, const Table& table, const TargetOptions& options) {
  TableChange change;
  for (const auto& field : request.schema->fields()) {
    if (const auto* column = table.find(field->name()))
      MS_TRY(add_known(change, *field, *column));
    else
      MS_TRY(add_new(change, *field, options));
  }
  const auto names = request.schema->field_names();
  for (const auto& column : table.columns)
    if (!column.nullable && !column.has_default && !contains(names, column.name))
      return Error(ErrorCode::invalid_config,
                   fmt::format("the table needs a value in column '{}', which is not written", column.name))
          .hint("add the column in a model, or drop NOT NULL from the table");
  for (const auto& listed : {request.key, request.partition_by})
    for (const auto& name : listed)
      if (table.find(name) == nullptr)
        return Error(ErrorCode::invalid_config, fmt::format("the table has no column '{}' to find its rows by", name))
            .hint("write the table once with mode replace");
  return change;
}

}  // namespace

std::string ColumnDefinition::sql() const {
  return fmt::format("{} {}{}", connector::quote_identifier(name), sql_type, nullable ? "" : " NOT NULL");
}

Result<TableChange> plan_change(const WriteRequest& request, const std::optional<Table>& existing,
                                const TargetOptions& options) {
  MS_TRY(check_request(request));
  if (existing && existing->is_view)
    return Error(ErrorCode::invalid_config, fmt::format("{} is a view", existing->name.to_string()))
        .hint("write to a table of another name");
  if (!existing || request.mode == WriteMode::replace) return new_table(request);
  return changed_table(request, *existing, options);
}

}  // namespace mainstem::connectors::duckdb
