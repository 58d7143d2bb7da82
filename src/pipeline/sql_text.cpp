#include "pipeline/sql_text.h"

#include <algorithm>
#include <optional>

#include "engine/sql_token.h"

namespace mainstem::pipeline {
namespace {

FilePosition place_of_offset(const SqlText& sql, size_t offset) {
  const auto inner = engine::position_in_sql(sql.text, offset);
  return sql.place.at(inner.line, inner.column);
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
