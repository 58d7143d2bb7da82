#include "pipeline/sql_text.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/nearest.h"
#include "engine/sql_token.h"

namespace mainstem::pipeline {
namespace {

FilePosition place_of_offset(const SqlText& sql, size_t offset) {
  const auto inner = engine::position_in_sql(sql.text, offset);
  return sql.place.at(inner.line, inner.column);
}

std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
  line.remove_suffix(line.size() - std::min(line.find_last_not_of(" \t\r") + 1, line.size()));
  return line;
}

// A misspelt key is one if a list or map is to follow; in a line of prose something stands behind the colon.
bool begins_header(std::string_view comment) {
  const std::vector<std::string> keys{"description", "checks", "tests"};
  const auto key = comment.substr(0, comment.find(':'));
  if (key.size() == comment.size()) return false;
  const bool alone =
      key.size() + 1 == comment.size() && std::ranges::all_of(key, [](char c) { return c >= 'a' && c <= 'z'; });
  return std::ranges::find(keys, key) != keys.end() || (alone && nearest(key, keys));
}

}  // namespace

Error placed(const SqlText& sql, Error error) {
  if (error.position() && !error.position()->file.empty()) return error;
  const auto inner = error.position().value_or(FilePosition{.file = "", .line = 1, .column = 1});
  const auto place = sql.generated ? sql.place.first : sql.place.at(inner.line, inner.column);
  return Error(error.code(), error.chain()).hint(error.hint()).at(place);
}

FilePosition place_of_name(const SqlText& sql, std::string_view name) {
  if (sql.generated) return sql.place.first;
  std::optional<size_t> first;
  std::string before;
  for (const auto& token : engine::tokenize_sql(sql.text)) {
    if (token.is_name() && same_name(token.name(), name)) {
      if (before == "from" || before == "join") return place_of_offset(sql, token.offset);
      if (!first) first = token.offset;
    }
    before = token.kind == engine::SqlToken::Kind::word ? token.name() : "";
  }
  return first ? place_of_offset(sql, *first) : sql.place.first;
}

std::string without_end(std::string_view sql) {
  auto tokens = engine::tokenize_sql(sql);
  while (!tokens.empty() && tokens.back().source == ";") tokens.pop_back();
  return tokens.empty() ? "" : std::string(sql.substr(0, tokens.back().offset + tokens.back().source.size()));
}

std::string sql_file_header(std::string_view text) {
  std::string header;
  bool begun = false;
  bool in_block = false;
  bool in_sql = false;
  while (!text.empty() && !in_sql) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string::npos && !in_block) {
      const auto mark = line.substr(first, 2);
      if (mark != "--" && mark != "/*") break;
      in_block = mark == "/*";
      line.replace(0, first + 2, std::string(first + 2, ' '));
    }
    if (const size_t close = line.find("*/"); in_block && close != std::string::npos) {
      in_block = false;
      in_sql = !trimmed(line.substr(close + 2)).empty();
      line.erase(close);
    }
    begun = begun || begins_header(trimmed(line));
    if (begun && !trimmed(line).empty()) header += line;
    header += '\n';
  }
  return begun ? header : "";
}

}  // namespace mainstem::pipeline
