#include "pipeline/sql_text.h"

#include <algorithm>
#include <optional>

namespace mainstem::pipeline {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

enum class Kind { blank, comment, text, name, other };

struct Token {
  Kind kind = Kind::other;
  size_t size = 1;
};

// Behind the closing quote (doubled ones are part of the text), or the end of what is not closed.
size_t quoted_size(std::string_view sql, char quote) {
  for (size_t at = 1; at < sql.size(); ++at) {
    if (sql[at] != quote) continue;
    if (at + 1 == sql.size() || sql[at + 1] != quote) return at + 1;
    ++at;
  }
  return sql.size();
}

size_t block_comment_size(std::string_view sql) {
  int depth = 0;
  for (size_t at = 0; at + 1 < sql.size(); ++at) {
    const auto pair = sql.substr(at, 2);
    if (pair != "/*" && pair != "*/") continue;
    depth += pair == "/*" ? 1 : -1;
    if (depth == 0) return at + 2;
    ++at;
  }
  return sql.size();
}

// $$text$$ or $tag$text$tag$; 0 if it is something else.
size_t dollar_text_size(std::string_view sql) {
  size_t at = 1;
  while (at < sql.size() && is_word(sql[at])) ++at;
  if (at == sql.size() || sql[at] != '$') return 0;
  const auto tag = sql.substr(0, at + 1);
  const size_t end = sql.find(tag, tag.size());
  return end == std::string_view::npos ? sql.size() : end + tag.size();
}

Token first_token(std::string_view sql) {
  const char c = sql.front();
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return {Kind::blank, 1};
  if (sql.starts_with("--")) return {Kind::comment, std::min(sql.find('\n'), sql.size())};
  if (sql.starts_with("/*")) return {Kind::comment, block_comment_size(sql)};
  if (c == '\'') return {Kind::text, quoted_size(sql, c)};
  if (c == '"') return {Kind::name, quoted_size(sql, c)};
  if (const size_t size = c == '$' ? dollar_text_size(sql) : 0; size > 0) return {Kind::text, size};
  if (!is_word(c)) return {Kind::other, 1};
  const auto end = std::ranges::find_if_not(sql, is_word);
  return {Kind::name, static_cast<size_t>(end - sql.begin())};
}

std::string unquoted(std::string_view name) {
  if (!name.starts_with('"')) return std::string(name);
  std::string result;
  for (size_t at = 1; at + 1 < name.size(); ++at) {
    result += name[at];
    if (name[at] == '"') ++at;
  }
  return result;
}

FilePosition place_of_offset(const SqlText& sql, size_t offset) {
  const auto before = std::string_view(sql.text).substr(0, offset);
  const auto line_break = before.rfind('\n');
  const auto line = before.substr(line_break == std::string_view::npos ? 0 : line_break + 1);
  const auto characters = std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; });
  return sql.place.at(static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(characters) + 1);
}

std::string_view trimmed_left(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
  return line;
}

bool begins_header(std::string_view comment) {
  const auto text = trimmed_left(comment.substr(2));
  return text.starts_with("description:") || text.starts_with("checks:") || text.starts_with("tests:");
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
  const std::string_view text = sql.text;
  std::optional<size_t> first;
  std::string_view before;
  for (size_t at = 0; at < text.size();) {
    const auto token = first_token(text.substr(at));
    const auto word = text.substr(at, token.size);
    if (token.kind == Kind::name && same_name(unquoted(word), name)) {
      if (same_name(before, "from") || same_name(before, "join")) return place_of_offset(sql, at);
      if (!first) first = at;
    }
    if (token.kind != Kind::blank && token.kind != Kind::comment) before = word;
    at += token.size;
  }
  return first ? place_of_offset(sql, *first) : sql.place.first;
}

std::string without_end(std::string_view sql) {
  size_t end = 0;
  for (size_t at = 0; at < sql.size();) {
    const auto token = first_token(sql.substr(at));
    at += token.size;
    const bool semicolon = token.kind == Kind::other && sql[at - 1] == ';';
    if (token.kind != Kind::blank && token.kind != Kind::comment && !semicolon) end = at;
  }
  return std::string(sql.substr(0, end));
}

std::string sql_file_header(std::string_view text) {
  std::string header;
  bool begun = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    const auto comment = trimmed_left(line);
    if (!comment.empty() && !comment.starts_with("--")) break;
    begun = begun || (!comment.empty() && begins_header(comment));
    if (begun && !comment.empty())
      header += std::string(line.size() - comment.size() + 2, ' ') + std::string(comment.substr(2));
    header += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return begun ? header : "";
}

}  // namespace mainstem::pipeline
