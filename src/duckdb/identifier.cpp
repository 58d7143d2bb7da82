#include "duckdb/identifier.h"

namespace mainstem::duckdb {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result + quote;
}

}  // namespace

std::string quote_name(std::string_view name) { return quoted(name, '"'); }

std::string quote_text(std::string_view text) { return quoted(text, '\''); }

}  // namespace mainstem::duckdb
