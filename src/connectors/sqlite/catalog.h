#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqlite/database.h"

namespace mainstem::connectors::sqlite {

/// Tables of ours in a database begin with this.
inline constexpr std::string_view kReservedPrefix = "_mainstem_";

struct Column {
  std::string name;
  std::string declared;  ///< as written; may be empty
  bool not_null = false;
  bool has_default = false;
  int key_position = 0;  ///< in the primary key, from 1; 0 = not part of it
};

struct Table {
  std::string name;
  std::string kind = "table";  ///< table, view, virtual
  std::string rowid;           ///< a name of the row id that no column hides; empty = there is none
  std::vector<Column> columns;

  const Column* find(std::string_view column) const;  ///< letter case of ASCII ignored, as SQLite does
  std::vector<std::string> column_names() const;
  std::vector<std::string> primary_key() const;
};

bool equal_names(std::string_view a, std::string_view b);

/// Names of the users' tables and views, in order.
Result<std::vector<std::string>> table_names(mainstem::sqlite::Database& database);
/// Letter case ignored; nothing if there is no such table or view.
Result<std::optional<Table>> find_table(mainstem::sqlite::Database& database, const std::string& name);
/// As `find_table`. Errors: not_found, with what may have been meant.
Result<Table> get_table(mainstem::sqlite::Database& database, const std::string& name);
/// A SELECT in parentheses, to stand behind FROM, and its columns.
struct Subquery {
  std::string sql;
  std::vector<Column> columns;
};
/// Errors: invalid_config if it is another statement, has parameters or doubled names.
Result<Subquery> read_query(mainstem::sqlite::Database& database, const std::string& query);

/// The Arrow types of columns of `from` (what follows FROM): declared ones as they are, the others found out by looking
/// at every value. Only whole numbers: int64; numbers: float64 if that is exact; blobs: binary; else utf8.
Result<std::vector<std::shared_ptr<arrow::DataType>>> column_types(mainstem::sqlite::Database& database,
                                                                   const std::string& from,
                                                                   const std::vector<Column>& columns);

}  // namespace mainstem::connectors::sqlite
