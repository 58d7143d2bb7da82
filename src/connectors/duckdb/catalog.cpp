#include "connectors/duckdb/catalog.h"

#include <algorithm>
#include <arrow/api.h>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

namespace mainstem::connectors::duckdb {
namespace {

constexpr const char* kObjects =
    "SELECT schema_name, table_name, false AS is_view, estimated_size, comment, database_name FROM duckdb_tables() "
    "WHERE database_name = current_database() AND NOT internal "
    "UNION ALL SELECT schema_name, view_name, true, NULL, comment, database_name FROM duckdb_views() "
    "WHERE database_name = current_database() AND NOT internal";

constexpr const char* kColumns =
    "SELECT column_name, data_type, is_nullable, column_default IS NOT NULL FROM duckdb_columns() "
    "WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2 ORDER BY column_index";

constexpr const char* kKey =
    "SELECT unnest(constraint_column_names) FROM duckdb_constraints() WHERE database_name = current_database() "
    "AND schema_name = $1 AND table_name = $2 AND constraint_type = 'PRIMARY KEY'";

constexpr const char* kFixed =
    "SELECT unnest(constraint_column_names) FROM duckdb_constraints() WHERE database_name = current_database() "
    "AND schema_name = $1 AND table_name = $2 AND constraint_type <> 'NOT NULL' "
    "UNION ALL SELECT trim(unnest(try_cast(expressions AS VARCHAR[])), '\"') FROM duckdb_indexes() "
    "WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2";

std::string text_of(const std::optional<std::string>& value) { return value.value_or(""); }

int64_t number_of(const std::optional<std::string>& value) {
  int64_t number = -1;
  if (value) std::from_chars(value->data(), value->data() + value->size(), number);
  return number;
}

Result<Table> describe_object(Connection& connection, const mainstem::duckdb::Texts& object) {
  Table table{.name = {.schema = text_of(object[0]), .name = text_of(object[1]), .catalog = text_of(object[5])},
              .is_view = object[2] == "true",
              .columns = {},
              .primary_key = {},
              .rows = number_of(object[3]),
              .comment = text_of(object[4])};
  const mainstem::duckdb::Texts name = {table.name.schema, table.name.name};
  MS_ASSIGN(const auto columns, connection.texts(kColumns, name));
  const auto activity = "describing " + table.name.to_string();
  MS_ASSIGN_DURING(const auto description, connection.describe(select_all(table.name)), activity);
  // A view's columns stand in the catalog as they were when it was made.
  if (static_cast<size_t>(description.schema->num_fields()) != columns.size())
    return Error(ErrorCode::invalid_data,
                 fmt::format("the view {} does not fit its tables any more", table.name.to_string()))
        .hint("create the view again");
  for (size_t i = 0; i < columns.size(); ++i)
    table.columns.push_back({.name = text_of(columns[i][0]),
                             .sql_type = text_of(columns[i][1]),
                             .type = description.schema->field(static_cast<int>(i))->type(),
                             .nullable = columns[i][2] != "false",
                             .has_default = columns[i][3] == "true"});
  MS_ASSIGN(const auto key, connection.texts(kKey, name));
  for (const auto& row : key) table.primary_key.push_back(text_of(row[0]));
  MS_ASSIGN(const auto fixed, connection.texts(kFixed, name));
  for (auto& column : table.columns)
    column.fixed = std::ranges::any_of(fixed, [&](const auto& row) { return same_name(text_of(row[0]), column.name); });
  return table;
}

// DuckDB's GLOB also knows [a-z], which our patterns do not.
std::string glob(const std::string& pattern) {
  std::string text;
  for (const char c : pattern) text += c == '[' ? std::string("[[]") : std::string(1, c);
  return text;
}

}  // namespace

std::shared_ptr<arrow::Schema> Table::schema() const {
  arrow::FieldVector fields;
  for (const auto& column : columns)
    fields.push_back(arrow::field(column.name, column.type, column.nullable,
                                  arrow::key_value_metadata({"remote_type"}, {column.sql_type})));
  return arrow::schema(std::move(fields));
}

const Column* Table::find(std::string_view column) const {
  const auto it = std::ranges::find_if(columns, [&](const Column& own) { return same_name(own.name, column); });
  return it == columns.end() ? nullptr : &*it;
}

bool same_name(std::string_view left, std::string_view right) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::ranges::equal(left, right, {}, lower, lower);
}

Result<connector::TableRef> resolve(const std::string& table) {
  MS_ASSIGN(auto name, connector::parse_table_ref(table));
  if (name.schema.empty()) name.schema = "main";
  return name;
}

Result<std::string> catalog_of(Connection& connection) {
  MS_ASSIGN(const auto rows, connection.texts("SELECT current_database()"));
  return text_of(rows[0][0]);
}

std::string create_schema(const connector::TableRef& table) {
  return "CREATE SCHEMA IF NOT EXISTS " + connector::quote_table({.schema = table.catalog, .name = table.schema});
}

Result<std::optional<Table>> find_table(Connection& connection, const connector::TableRef& name) {
  MS_ASSIGN(const auto objects,
            connection.texts(fmt::format("SELECT * FROM ({}) WHERE lower(schema_name) = lower($1) AND "
                                         "lower(table_name) = lower($2)",
                                         kObjects),
                             {name.schema, name.name}));
  if (objects.empty()) return std::optional<Table>();
  MS_ASSIGN(auto table, describe_object(connection, objects[0]));
  return std::optional(std::move(table));
}

Result<std::vector<Table>> list_tables(Connection& connection, const std::string& pattern) {
  MS_ASSIGN(const auto objects,
            connection.texts(fmt::format("SELECT * FROM ({}) WHERE schema_name <> $1 AND table_name NOT LIKE "
                                         "'\\_mainstem\\_stage:%' ESCAPE '\\' AND "
                                         "($2 = '' OR (schema_name || '.' || table_name) GLOB $2) ORDER BY ALL",
                                         kObjects),
                             {kOwnSchema, glob(pattern)}));
  std::vector<Table> tables;
  for (const auto& object : objects) {
    MS_ASSIGN(auto table, describe_object(connection, object));
    tables.push_back(std::move(table));
  }
  return tables;
}

Result<bool> has_schema(Connection& connection, const std::string& schema) {
  MS_ASSIGN(const auto found,
            connection.texts("SELECT 1 FROM duckdb_schemas() WHERE database_name = current_database() AND "
                             "lower(schema_name) = lower($1)",
                             {schema}));
  return !found.empty();
}

Result<std::vector<Index>> indexes_of(Connection& connection, const connector::TableRef& name) {
  MS_ASSIGN(
      const auto found,
      connection.texts("SELECT index_name, sql FROM duckdb_indexes() WHERE database_name = current_database() AND "
                       "schema_name = $1 AND table_name = $2 AND sql IS NOT NULL AND sql <> ''",
                       {name.schema, name.name}));
  std::vector<Index> indexes;
  for (const auto& row : found) indexes.push_back({.name = text_of(row[0]), .sql = text_of(row[1])});
  return indexes;
}

}  // namespace mainstem::connectors::duckdb
