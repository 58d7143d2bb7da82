#pragma once

#include <string>
#include <string_view>

namespace mainstem::sqlite {

/// `"name"` with quotes inside doubled: safe in any statement.
std::string quote_name(std::string_view name);
/// `'text'` with quotes inside doubled: safe in any statement. Not for texts with NUL bytes: bind those.
std::string quote_text(std::string_view text);

}  // namespace mainstem::sqlite
