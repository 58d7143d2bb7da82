#include "connector/table.h"

#include <algorithm>
#include <cctype>

namespace mainstem::connector {
namespace {

bool is_plain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

std::string shown(std::string_view name) { return is_plain(name) ? std::string(name) : quote_identifier(name); }

Error bad_name(std::string_view text) {
  return Error(ErrorCode::invalid_config, "not a table name: '" + std::string(text) + "'")
      .hint("write table, schema.table, or \"Strange.Name\" in double quotes");
}

// Takes one part, quoted or not, off the front of `rest`.
std::optional<std::string> take_part(std::string_view& rest) {
  std::string part;
  if (!rest.starts_with('"')) {
    const size_t end = std::min(rest.find('.'), rest.size());
    part = rest.substr(0, end);
    rest.remove_prefix(end);
    return part.find('"') == std::string::npos ? std::optional(part) : std::nullopt;
  }
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] != '"') {
      part += rest[i];
    } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
      part += rest[i++];
    } else {
      rest.remove_prefix(i + 1);
      return part;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string TableRef::to_string() const { return schema.empty() ? shown(name) : shown(schema) + "." + shown(name); }

Result<TableRef> parse_table_ref(std::string_view text) {
  std::string_view rest = text;
  std::vector<std::string> parts;
  while (true) {
    auto part = take_part(rest);
    if (!part || part->empty() || part->find('\0') != std::string::npos) return bad_name(text);
    parts.push_back(std::move(*part));
    if (rest.empty()) break;
    if (!rest.starts_with('.')) return bad_name(text);
    rest.remove_prefix(1);
  }
  if (parts.size() > 2) return bad_name(text);
  if (parts.size() == 1) return TableRef{.schema = "", .name = parts[0]};
  return TableRef{.schema = parts[0], .name = parts[1]};
}

std::string quote_identifier(std::string_view name, char quote) {
  std::string text(1, quote);
  for (char c : name) {
    if (c == quote) text += quote;
    text += c;
  }
  return text + quote;
}

std::string quote_literal(std::string_view text) { return quote_identifier(text, '\''); }

std::string quote_table(const TableRef& table, char quote) {
  auto name = quote_identifier(table.name, quote);
  if (!table.schema.empty()) name = quote_identifier(table.schema, quote) + "." + name;
  return table.catalog.empty() ? name : quote_identifier(table.catalog, quote) + "." + name;
}

}  // namespace mainstem::connector
