#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mainstem::engine {

/// A piece of SQL between blanks and comments.
struct SqlToken {
  enum class Kind { word, quoted_name, text, symbol };  ///< a number is a word
  Kind kind;
  std::string_view source;
  size_t offset;

  /// A name as SQL compares it: without quotes, in lower case (ASCII letters only).
  std::string name() const;
  bool is_name() const { return kind == Kind::word || kind == Kind::quoted_name; }
};

/// Splits SQL as DuckDB's lexer does (that of PostgreSQL 10, and Parser::StripUnicodeSpaces before it), so that nothing
/// that it runs hides in what looks like a text or a comment. `sql` outlives the tokens. What is cut off ends with the
/// SQL: the engine itself will say so.
std::vector<SqlToken> tokenize_sql(std::string_view sql);

/// The tokens from the first to the last as they stand in `sql`, but every blank beyond ASCII that stands between them
/// is a space: lines and columns stay.
std::string plainly_spaced(std::string_view sql, const std::vector<SqlToken>& tokens);

/// Line and column, in characters, of a byte of the SQL.
FilePosition position_in_sql(std::string_view sql, size_t offset);

}  // namespace mainstem::engine
