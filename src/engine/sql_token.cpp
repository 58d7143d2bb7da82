#include "engine/sql_token.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace mainstem::engine {
namespace {

// What DuckDB takes for a space beside those of ASCII.
constexpr std::array<std::string_view, 20> kWideBlanks = {
    "\u00a0", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
    "\u2009", "\u200a", "\u200b", "\u200c", "\u200d", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_word_start(c) || is_digit(c) || c == '$'; }

// Bytes of the blank that the text begins with; 0 if it begins with something else.
size_t blank_size(std::string_view text) {
  if (text.empty()) return 0;
  if (is_blank(text.front())) return 1;
  if (static_cast<unsigned char>(text.front()) < 0x80) return 0;
  const auto* const blank = std::ranges::find_if(kWideBlanks, [&](auto wide) { return text.starts_with(wide); });
  return blank == kWideBlanks.end() ? 0 : blank->size();
}

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::vector<SqlToken> run() {
    std::vector<SqlToken> tokens;
    while (skip_blanks(), at_ < sql_.size()) {
      const size_t begin = at_;
      const auto kind = next();
      CHECK(at_ > begin && at_ <= sql_.size(), "a token has a size");
      tokens.push_back({.kind = kind, .source = sql_.substr(begin, at_ - begin), .offset = begin});
    }
    return tokens;
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }
  bool sees(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

  void skip_blanks() {
    for (;;) {
      if (const size_t size = blank_size(sql_.substr(at_)); size > 0)
        at_ += size;
      else if (sees("--"))
        skip_line_comment();
      else if (sees("/*"))
        skip_comment();
      else
        return;
    }
  }

  void skip_line_comment() { at_ = std::min(sql_.find_first_of("\r\n", at_), sql_.size()); }

  void skip_comment() {
    int depth = 0;
    do {
      if (sees("/*")) {
        ++depth;
        at_ += 2;
      } else if (sees("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < sql_.size());
  }

  SqlToken::Kind next() {
    const char c = peek();
    if ((c == 'e' || c == 'E') && peek(1) == '\'') {
      ++at_;
      do skip_quoted('\'', true);
      while (continues_on_another_line());
      return SqlToken::Kind::text;
    }
    if (c == '\'') {
      skip_quoted('\'', false);
      return SqlToken::Kind::text;
    }
    if (c == '"') {
      skip_quoted('"', false);
      return SqlToken::Kind::quoted_name;
    }
    if (c == '$' && skip_dollar_quoted()) return SqlToken::Kind::text;
    if (is_digit(c)) {
      skip_number();
      return SqlToken::Kind::word;
    }
    if (is_word_start(c)) {
      skip_word();
      return SqlToken::Kind::word;
    }
    ++at_;
    return SqlToken::Kind::symbol;
  }

  void skip_word() {
    while (at_ < sql_.size() && is_word(peek()) && blank_size(sql_.substr(at_)) == 0) ++at_;
  }

  // 12, 1_000, 1e-3: letters behind it begin a word.
  void skip_number() {
    while (is_digit(peek()) || (peek() == '_' && is_digit(peek(1)))) ++at_;
    const bool sign = peek(1) == '+' || peek(1) == '-';
    if ((peek() != 'e' && peek() != 'E') || !is_digit(peek(sign ? 2 : 1))) return;
    at_ += sign ? 2 : 1;
    while (is_digit(peek())) ++at_;
  }

  void skip_quoted(char quote, bool backslash) {
    for (++at_; at_ < sql_.size(); ++at_) {
      const bool escapes = (backslash && peek() == '\\') || (peek() == quote && peek(1) == quote);
      if (escapes)
        ++at_;
      else if (peek() == quote)
        break;
    }
    at_ = std::min(at_ + 1, sql_.size());
  }

  // 'a' and 'b' on the next line are one text, and it is the first quote that says what a backslash means.
  bool continues_on_another_line() {
    const size_t end = at_;
    bool line_break = false;
    for (;;) {
      line_break = line_break || peek() == '\n' || peek() == '\r';
      if (const size_t size = blank_size(sql_.substr(at_)); size > 0)
        at_ += size;
      else if (sees("--"))
        skip_line_comment();
      else
        break;
    }
    if (line_break && peek() == '\'') return true;
    at_ = end;
    return false;
  }

  // $$text$$ or $tag$text$tag$. No blank, however wide, ends the tag.
  bool skip_dollar_quoted() {
    size_t end = at_ + 1;
    while (end < sql_.size() && is_word(sql_[end]) && sql_[end] != '$') ++end;
    if (end >= sql_.size() || sql_[end] != '$' || is_digit(sql_[at_ + 1])) return false;
    const auto tag = sql_.substr(at_, end + 1 - at_);
    const auto close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
    return true;
  }

  std::string_view sql_;
  size_t at_ = 0;
};

void append_plainly(std::string& text, std::string_view blanks) {
  while (!blanks.empty()) {
    const size_t size = std::max<size_t>(blank_size(blanks), 1);
    text += size == 1 ? blanks.front() : ' ';
    blanks.remove_prefix(size);
  }
}

}  // namespace

std::string SqlToken::name() const {
  std::string name;
  if (kind == Kind::quoted_name) {
    for (size_t i = 1; i + 1 < source.size(); ++i) {
      name += source[i];
      if (source[i] == '"') ++i;
    }
  } else {
    name = source;
  }
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

std::vector<SqlToken> tokenize_sql(std::string_view sql) { return Lexer(sql).run(); }

std::string plainly_spaced(std::string_view sql, const std::vector<SqlToken>& tokens) {
  std::string text;
  size_t at = 0;
  for (const auto& token : tokens) {
    append_plainly(text, sql.substr(at, token.offset - at));
    text += token.source;
    at = token.offset + token.source.size();
  }
  return text;
}

FilePosition position_in_sql(std::string_view sql, size_t offset) {
  FilePosition position{.file = "", .line = 1, .column = 1};
  for (const char c : sql.substr(0, offset)) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

}  // namespace mainstem::engine
