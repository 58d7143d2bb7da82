#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mainstem::engines::duckdb {

/// A piece of SQL between blanks and comments.
struct Token {
  enum class Kind { word, quoted_name, text, symbol };
  Kind kind;
  std::string_view source;
  size_t offset;

  /// A name as DuckDB compares it: without quotes, in lower case.
  std::string name() const;
  bool is_name() const { return kind == Kind::word || kind == Kind::quoted_name; }
};

/// Splits SQL as DuckDB's lexer does, as far as names, texts and comments go; `sql` outlives the tokens. Text that is
/// cut off ends with the SQL: DuckDB itself will say so.
std::vector<Token> tokenize(std::string_view sql);

/// Line and column of a byte of the SQL.
FilePosition position_of(std::string_view sql, size_t offset);

}  // namespace mainstem::engines::duckdb
