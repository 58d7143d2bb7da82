#include "connectors/sqlite/catalog.h"

#include <algorithm>
#include <array>
#include <arrow/api.h>
#include <fmt/format.h>

#include "base/nearest.h"
#include "connectors/sqlite/temporal.h"
#include "connectors/sqlite/types.h"
#include "sqlite/identifier.h"

namespace mainstem::connectors::sqlite {
namespace {

using mainstem::sqlite::Database;
using mainstem::sqlite::quote_name;
using mainstem::sqlite::Statement;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string find_rowid_name(const Table& table) {
  for (const char* name : {"rowid", "_rowid_", "oid"})
    if (table.find(name) == nullptr) return name;
  return "";
}

Result<void> read_columns(Database& database, Table& table) {
  // hidden = 1 are the arguments of a table-valued function, not data.
  MS_ASSIGN(auto rows, database.prepare("SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk FROM "
                                        "pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid"));
  MS_TRY(rows.bind(1, table.name));
  while (true) {
    MS_ASSIGN(const bool row, rows.step());
    if (!row) return {};
    table.columns.push_back({.name = std::string(rows.text(0)),
                             .declared = std::string(rows.text(1)),
                             .not_null = rows.integer(2) != 0,
                             .has_default = rows.integer(3) != 0,
                             .key_position = static_cast<int>(rows.integer(4))});
  }
}

// Storage classes seen in a column that declares nothing.
std::shared_ptr<arrow::DataType> type_of_values(const Statement& row, int first) {
  const bool integers = row.integer(first) != 0;
  const bool reals = row.integer(first + 1) != 0;
  const bool texts = row.integer(first + 2) != 0;
  const bool blobs = row.integer(first + 3) != 0;
  const bool large = row.integer(first + 4) != 0;
  if (texts || (blobs && (integers || reals))) return arrow::utf8();
  if (blobs) return arrow::binary();
  if (reals) return large ? arrow::utf8() : arrow::float64();
  return integers ? arrow::int64() : arrow::utf8();
}

Result<void> look_at_values(Database& database, const std::string& from, const std::vector<Column>& columns,
                            std::vector<std::shared_ptr<arrow::DataType>>& types) {
  std::string list;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (types[i] != nullptr) continue;
    const auto name = quote_name(columns[i].name);
    for (const char* kind : {"integer", "real", "text", "blob"})
      list += fmt::format("{}max(typeof({}) = '{}')", list.empty() ? "" : ", ", name, kind);
    list +=
        fmt::format(", max(typeof({0}) = 'integer' AND {0} NOT BETWEEN -9007199254740992 AND 9007199254740992)", name);
  }
  if (list.empty()) return {};
  MS_ASSIGN(auto seen, database.prepare("SELECT " + list + " FROM " + from));
  MS_TRY(seen.step());
  int first = 0;
  for (auto& type : types) {
    if (type != nullptr) continue;
    type = type_of_values(seen, first);
    first += 5;
  }
  return {};
}

// A column declared TIMESTAMP says nothing of zones; its first text does.
Result<bool> has_zone(Database& database, const std::string& from, const Column& column) {
  const auto name = quote_name(column.name);
  MS_ASSIGN(const auto text,
            database.text(fmt::format("SELECT {} FROM {} WHERE {} IS NOT NULL LIMIT 1", name, from, name)));
  return !zone_of(text).empty();
}

}  // namespace

bool equal_names(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

const Column* Table::find(std::string_view column) const {
  const auto it = std::ranges::find_if(columns, [&](const Column& known) { return equal_names(known.name, column); });
  return it == columns.end() ? nullptr : &*it;
}

std::vector<std::string> Table::column_names() const {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

std::vector<std::string> Table::primary_key() const {
  std::vector<std::string> key;
  for (int position = 1; position <= static_cast<int>(columns.size()); ++position)
    for (const auto& column : columns)
      if (column.key_position == position) key.push_back(column.name);
  return key;
}

Result<std::vector<std::string>> table_names(Database& database) {
  MS_ASSIGN(auto rows, database.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' "
                                        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE "
                                        "'\\_mainstem\\_%' ESCAPE '\\' ORDER BY name"));
  std::vector<std::string> names;
  while (true) {
    MS_ASSIGN(const bool row, rows.step());
    if (!row) return names;
    names.emplace_back(rows.text(0));
  }
}

Result<std::optional<Table>> find_table(Database& database, const std::string& name) {
  MS_ASSIGN(auto rows,
            database.prepare("SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ? "
                             "COLLATE NOCASE"));
  MS_TRY(rows.bind(1, name));
  MS_ASSIGN(const bool row, rows.step());
  if (!row) return std::optional<Table>();
  Table table{.name = std::string(rows.text(0)), .kind = std::string(rows.text(1)), .rowid = "", .columns = {}};
  const bool without_rowid = rows.integer(2) != 0;
  MS_TRY_DURING(read_columns(database, table), "looking at " + table.name);
  if (table.kind == "table" && !without_rowid) table.rowid = find_rowid_name(table);
  return std::optional(std::move(table));
}

Result<Table> get_table(Database& database, const std::string& name) {
  MS_ASSIGN(auto table, find_table(database, name));
  if (table) return *std::move(table);
  MS_ASSIGN(const auto names, table_names(database));
  Error error(ErrorCode::not_found, fmt::format("no table or view '{}' in {}", name, database.path()));
  if (const auto meant = nearest(name, names)) return std::move(error).hint("did you mean '" + *meant + "'?");
  return std::move(error).hint(names.empty() ? "the database has no tables"
                                             : fmt::format("there are: {}", fmt::join(names, ", ")));
}

Result<Subquery> read_query(Database& database, const std::string& query) {
  MS_ASSIGN_DURING(const auto statement, database.prepare(query), "reading option 'query'");
  if (!statement.is_read_only() || statement.columns() == 0)
    return Error(ErrorCode::invalid_config, "option 'query' must be a SELECT");
  if (statement.parameters() > 0) return Error(ErrorCode::invalid_config, "option 'query' must not have parameters");
  const auto text = statement.sql();
  Subquery subquery{.sql = fmt::format("(\n{}\n)", text.ends_with(';') ? text.substr(0, text.size() - 1) : text),
                    .columns = {}};
  // It must stand as a subquery too: PRAGMA and EXPLAIN give rows as well.
  MS_ASSIGN_DURING(const auto inner, database.prepare("SELECT * FROM " + subquery.sql), "reading option 'query'");
  for (int i = 0; i < inner.columns(); ++i) {
    const auto name = statement.column_name(i);
    for (const auto& other : subquery.columns)
      if (equal_names(other.name, name))
        return Error(ErrorCode::invalid_config, "option 'query' has two columns '" + name + "'")
            .hint("give one of them another name with AS");
    subquery.columns.push_back({.name = name, .declared = inner.declared_type(i)});
  }
  return subquery;
}

Result<std::vector<std::shared_ptr<arrow::DataType>>> column_types(Database& database, const std::string& from,
                                                                   const std::vector<Column>& columns) {
  std::vector<std::shared_ptr<arrow::DataType>> types;
  for (const auto& column : columns) {
    auto type = read_declared(column.declared);
    if (type != nullptr && type->id() == arrow::Type::TIMESTAMP) {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
      MS_ASSIGN(const bool zone, has_zone(database, from, column));
      if (zone) type = arrow::timestamp(timestamp.unit(), "UTC");
    }
    types.push_back(std::move(type));
  }
  MS_TRY_DURING(look_at_values(database, from, columns, types), "finding out the types of columns");
  return types;
}

}  // namespace mainstem::connectors::sqlite
