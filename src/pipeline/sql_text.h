#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/node.h"
#include "pipeline/spec.h"

namespace mainstem::pipeline {

/// An engine's error about `sql`, whose position counts lines and columns of the text, placed in the user's file.
Error placed(const SqlText& sql, Error error);

/// Where a table name stands in the SQL: first behind FROM or JOIN, else first of all; the start of the SQL if it does
/// not. Comments and texts do not count.
FilePosition place_of_name(const SqlText& sql, std::string_view name);

/// SQL without white space, comments and ";" at its end, so that it can stand inside other SQL.
std::string without_end(std::string_view sql);

/// The YAML in the comments that an SQL file begins with ("-- description: ...", "/* checks: ... */"), from the first
/// line that begins with a key, with the marks of the comments replaced by blanks and line breaks kept, so that places
/// stay those of the file. Empty if there is none.
std::string sql_file_header(std::string_view text);

}  // namespace mainstem::pipeline
