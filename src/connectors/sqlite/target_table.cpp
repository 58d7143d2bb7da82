#include "connectors/sqlite/target_table.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/type_name.h"
#include "connectors/sqlite/options.h"
#include "connectors/sqlite/types.h"
#include "sqlite/identifier.h"

namespace mainstem::connectors::sqlite {
namespace {

using connector::WriteMode;
using connector::WriteRequest;
using mainstem::sqlite::Database;
using mainstem::sqlite::quote_name;

constexpr std::string_view kQuarantine = "_mainstem_quarantine";

Error bad(const WriteRequest& request, const std::string& message) {
  return Error(ErrorCode::invalid_config, fmt::format("target '{}': {}", request.name, message));
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::any_of(names, [&name](const std::string& known) { return equal_names(known, name); });
}

Result<void> check_columns_exist(const WriteRequest& request, const char* option,
                                 const std::vector<std::string>& columns) {
  for (const auto& column : columns)
    if (request.schema->GetFieldIndex(column) < 0)
      return bad(request, fmt::format("column '{}' of option '{}' is not among the rows' columns", column, option));
  return {};
}

Result<void> check_schema(const WriteRequest& request) {
  std::vector<std::string> seen;
  for (const auto& field : request.schema->fields()) {
    if (contains(seen, field->name()))
      return bad(request, "SQLite takes the columns '" + field->name() + "' for one: names differ by letter case only");
    if (field->name().empty() || field->name().find('\0') != std::string::npos)
      return bad(request, "a column has no usable name");
    seen.push_back(field->name());
    MS_TRY_DURING(declared_for(*field->type()), "planning column " + field->name());
  }
  if (seen.empty()) return bad(request, "there are no columns to write");
  MS_TRY(check_columns_exist(request, "key", request.key));
  MS_TRY(check_columns_exist(request, "partition_by", request.partition_by));
  for (const auto& index : request.indexes) MS_TRY(check_columns_exist(request, "indexes", index));
  return {};
}

std::string column_definition(const std::string& name, const std::string& declared, bool not_null) {
  return quote_name(name) + (declared.empty() ? "" : " " + declared) + (not_null ? " NOT NULL" : "");
}

std::string create_text(const std::string& table, const std::vector<std::string>& definitions) {
  return fmt::format("CREATE TABLE {}({})", quote_name(table), fmt::join(definitions, ", "));
}

Result<std::vector<std::string>> index_columns(Database& database, const std::string& index) {
  MS_ASSIGN(auto rows, database.prepare("SELECT name FROM pragma_index_info(?) ORDER BY seqno"));
  MS_TRY(rows.bind(1, index));
  std::vector<std::string> columns;
  while (true) {
    MS_ASSIGN(const bool row, rows.step());
    if (!row) return columns;
    columns.emplace_back(rows.text(0));  // empty for an expression, which no column is named
  }
}

bool same_columns(const std::vector<std::string>& a, const std::vector<std::string>& b, bool in_order) {
  if (a.size() != b.size()) return false;
  if (in_order) return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return equal_names(x, y); });
  return std::ranges::all_of(a, [&b](const auto& name) { return contains(b, name); });
}

Result<void> check_merge_key(Database& database, const WriteRequest& request, const Table& table) {
  MS_ASSIGN(const bool unique, has_index(database, table, request.key, true));
  if (unique) return {};
  return bad(request, fmt::format("table {} has no unique index on its key ({}), which mode merge needs", table.name,
                                  fmt::join(request.key, ", ")))
      .hint(fmt::format("make it unique: CREATE UNIQUE INDEX {} ON {}({})", quote_name(table.name + "_key"),
                        quote_name(table.name), column_list(request.key)));
}

}  // namespace

std::string column_list(const std::vector<std::string>& names, const std::string& prefix) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + prefix + quote_name(name);
  return list;
}

Result<void> check_request(const WriteRequest& request, const std::string& table) {
  const bool reserved = table.starts_with(kReservedPrefix) && table != kQuarantine;
  if (reserved || equal_names(std::string_view(table).substr(0, 7), "sqlite_") || table.find('\0') != std::string::npos)
    return bad(request, "the table name '" + table + "' is reserved");
  if (request.mode == WriteMode::merge && request.key.empty()) return bad(request, "mode merge needs a key");
  if (request.mode == WriteMode::partition && request.partition_by.empty())
    return bad(request, "mode partition needs option 'partition_by'");
  return request.schema == nullptr ? Result<void>() : check_schema(request);
}

Result<void> check_existing(Database& database, const WriteRequest& request, const Table& table) {
  if (table.kind != "table") return bad(request, fmt::format("{} is a {}, not a table", table.name, table.kind));
  if (request.schema == nullptr) return {};
  if (request.mode == WriteMode::replace) {
    MS_ASSIGN(const bool plain, is_plain(database, table));
    if (plain) return {};
  }
  MS_ASSIGN(const auto options, read_target(request.options));
  for (const auto& field : request.schema->fields()) {
    const Column* column = table.find(field->name());
    if (column == nullptr && options.new_columns == NewColumns::error)
      return bad(request, fmt::format("table {} has no column '{}'", table.name, field->name()))
          .hint("set new_columns: add, or leave the column out in a model");
    if (column != nullptr && !fits_declared(*field->type(), column->declared))
      return bad(request,
                 fmt::format("column '{}' of table {} is declared {}, which does not hold every value of type {}",
                             column->name, table.name, column->declared.empty() ? "nothing" : column->declared,
                             columnar::type_name(*field->type())))
          .hint("cast the column in the model, or write to another table");
  }
  const auto names = request.schema->field_names();
  for (const auto& column : table.columns)
    if (column.not_null && !column.has_default && !contains(names, column.name))
      return bad(request, fmt::format("column '{}' of table {} must not be null, and the rows do not have it",
                                      column.name, table.name));
  return request.mode == WriteMode::merge ? check_merge_key(database, request, table) : Result<void>();
}

Result<bool> is_plain(Database& database, const Table& table) {
  MS_ASSIGN(auto found, database.prepare("SELECT sql, (SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND "
                                         "tbl_name = ?1) FROM sqlite_schema WHERE type = 'table' AND name = ?1"));
  MS_TRY(found.bind(1, table.name));
  MS_ASSIGN(const bool row, found.step());
  if (!row || found.integer(1) > 0) return false;
  std::vector<std::string> definitions;
  for (const auto& column : table.columns)
    definitions.push_back(column_definition(column.name, column.declared, column.not_null));
  return found.text(0) == create_text(table.name, definitions);
}

Result<std::string> create_sql(const std::string& table, const arrow::Schema& schema, const Table* existing) {
  std::vector<std::string> definitions;
  for (const auto& field : schema.fields()) {
    const Column* column = existing == nullptr ? nullptr : existing->find(field->name());
    MS_ASSIGN(const auto own, declared_for(*field->type()));
    definitions.push_back(
        column_definition(field->name(), column == nullptr ? own : column->declared, !field->nullable()));
  }
  return create_text(table, definitions);
}

Result<bool> has_index(Database& database, const Table& table, const std::vector<std::string>& columns, bool unique) {
  // The row id's own column is unique without an index.
  if (unique && same_columns(table.primary_key(), columns, false)) return true;
  MS_ASSIGN(auto rows, database.prepare("SELECT name, \"unique\" FROM pragma_index_list(?) WHERE partial = 0"));
  MS_TRY(rows.bind(1, table.name));
  while (true) {
    MS_ASSIGN(const bool row, rows.step());
    if (!row) return false;
    if (unique && rows.integer(1) == 0) continue;
    MS_ASSIGN(const auto indexed, index_columns(database, std::string(rows.text(0))));
    if (same_columns(indexed, columns, !unique)) return true;
  }
}

}  // namespace mainstem::connectors::sqlite
