#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/table.h"
#include "connectors/duckdb/file.h"

namespace mainstem::connectors::duckdb {

struct Column {
  std::string name;
  std::string sql_type;
  std::shared_ptr<arrow::DataType> type;
  bool nullable = true;
  bool has_default = false;
  bool fixed = false;  ///< part of a constraint or an index: its type cannot change
};

/// A table or view as the catalog knows it.
struct Table {
  connector::TableRef name;  ///< with its schema
  bool is_view = false;
  std::vector<Column> columns;
  std::vector<std::string> primary_key;
  int64_t rows = -1;  ///< estimated
  std::string comment;

  std::shared_ptr<arrow::Schema> schema() const;
  /// By name without regard to case, as DuckDB finds columns; null if there is none.
  const Column* find(std::string_view column) const;
};

bool same_name(std::string_view left, std::string_view right);

/// Reads "table" or "schema.table"; the schema is "main" if none is given. Errors: invalid_config.
Result<connector::TableRef> resolve(const std::string& table);

/// Name of the open file as a database. Statements name it: "mart.orders" alone is ambiguous in a file mart.duckdb that
/// has a schema mart.
Result<std::string> catalog_of(Connection& connection);

/// CREATE SCHEMA for the schema of a table, unless it is there.
std::string create_schema(const connector::TableRef& table);

/// Empty if there is no such table or view.
Result<std::optional<Table>> find_table(Connection& connection, const connector::TableRef& name);

/// Tables and views whose "schema.name" matches (* and ?; empty = all), but for our own schema.
Result<std::vector<Table>> list_tables(Connection& connection, const std::string& pattern);

Result<bool> has_schema(Connection& connection, const std::string& schema);

/// CREATE INDEX statements of a table's indexes that are not part of a constraint, with the names of the indexes.
struct Index {
  std::string name;
  std::string sql;
};
Result<std::vector<Index>> indexes_of(Connection& connection, const connector::TableRef& name);

}  // namespace mainstem::connectors::duckdb
