#include "pipeline/sql_text.h"

#include <algorithm>

namespace mainstem::pipeline {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

bool stands_at(std::string_view text, size_t at, std::string_view word) {
  if (!same_name(text.substr(at, word.size()), word)) return false;
  const bool begins = at == 0 || !is_word(text[at - 1]);
  const bool ends = at + word.size() == text.size() || !is_word(text[at + word.size()]);
  return begins && ends;
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
  return text.starts_with("description:") || text.starts_with("checks:");
}

}  // namespace

Error placed(const SqlText& sql, Error error) {
  if (error.position() && !error.position()->file.empty()) return error;
  const auto inner = error.position().value_or(FilePosition{.file = "", .line = 1, .column = 1});
  const auto place = sql.generated ? sql.place.first : sql.place.at(inner.line, inner.column);
  return Error(error.code(), error.chain()).hint(error.hint()).at(place);
}

FilePosition place_of_name(const SqlText& sql, std::string_view name) {
  if (!sql.generated && !name.empty())
    for (size_t i = 0; i + name.size() <= sql.text.size(); ++i)
      if (stands_at(sql.text, i, name)) return place_of_offset(sql, i);
  return sql.place.first;
}

std::string without_end(std::string_view sql) {
  const auto last = sql.find_last_not_of("; \t\r\n");
  return std::string(sql.substr(0, last == std::string_view::npos ? 0 : last + 1));
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
