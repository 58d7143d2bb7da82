#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mainstem::connector {

/// A table (collection, topic, sheet) of one connection. `schema` may be empty = the connection's default.
struct TableRef {
  std::string schema;
  std::string name;
  /// The database that holds the schema, where SQL must name it; users do not write it.
  std::string catalog = {};

  /// "schema.name", parts quoted with " where they hold other than letters, digits and _.
  std::string to_string() const;
  bool operator==(const TableRef&) const = default;
};

/// Reads "name", "schema.name", "\"Strange.Name\"" ("" inside quotes is one quote). Errors: invalid_config.
Result<TableRef> parse_table_ref(std::string_view text);

/// Quotes an SQL identifier with `quote` doubled inside: safe in statements of every SQL system that uses that quote.
std::string quote_identifier(std::string_view name, char quote = '"');
/// Quotes an SQL text literal ('' for a quote). For systems with standard_conforming strings only.
std::string quote_literal(std::string_view text);
/// `quote_identifier(schema).quote_identifier(name)`, without the schema if it is empty.
std::string quote_table(const TableRef& table, char quote = '"');

/// How much there is; -1 = unknown.
struct Estimate {
  int64_t rows = -1;
  int64_t bytes = -1;
};

/// One table as discovery sees it.
struct TableInfo {
  TableRef table;
  std::shared_ptr<arrow::Schema> schema;  ///< field metadata "remote_type" holds the system's own type name
  std::vector<std::string> primary_key;
  Estimate estimate;
  std::string kind = "table";  ///< table, view, file, collection, ...
  std::string comment;
};

}  // namespace mainstem::connector
