#include "engines/duckdb/token.h"

#include <algorithm>

namespace mainstem::engines::duckdb {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_word_start(c) || is_digit(c) || c == '$'; }

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    while (skip_blanks(), at_ < sql_.size()) {
      const size_t begin = at_;
      const auto kind = next();
      tokens.push_back({.kind = kind, .source = sql_.substr(begin, at_ - begin), .offset = begin});
    }
    return tokens;
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void skip_blanks() {
    for (;;) {
      if (at_ < sql_.size() && is_blank(peek()))
        ++at_;
      else if (peek() == '-' && peek(1) == '-')
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      else if (peek() == '/' && peek(1) == '*')
        skip_comment();
      else
        return;
    }
  }

  void skip_comment() {
    int depth = 0;
    do {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < sql_.size());
    at_ = std::min(at_, sql_.size());
  }

  Token::Kind next() {
    const char c = peek();
    if ((c == 'e' || c == 'E') && peek(1) == '\'') {
      ++at_;
      quoted('\'', true);
      return Token::Kind::text;
    }
    if (c == '\'') {
      quoted('\'', false);
      return Token::Kind::text;
    }
    if (c == '"') {
      quoted('"', false);
      return Token::Kind::quoted_name;
    }
    if (c == '$' && dollar_quoted()) return Token::Kind::text;
    if (is_word_start(c) || is_digit(c)) {
      while (at_ < sql_.size() && is_word(peek())) ++at_;
      return Token::Kind::word;
    }
    ++at_;
    return Token::Kind::symbol;
  }

  void quoted(char quote, bool backslash) {
    for (++at_; at_ < sql_.size(); ++at_) {
      if (backslash && peek() == '\\')
        ++at_;
      else if (peek() == quote && peek(1) == quote)
        ++at_;
      else if (peek() == quote)
        break;
    }
    at_ = std::min(at_ + 1, sql_.size());
  }

  // $$text$$ or $tag$text$tag$.
  bool dollar_quoted() {
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

}  // namespace

std::string Token::name() const {
  std::string name;
  if (kind == Kind::quoted_name) {
    for (size_t i = 1; i + 1 < source.size(); ++i) {
      name += source[i];
      if (source[i] == '"') ++i;
    }
  } else {
    name = source;
  }
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

std::vector<Token> tokenize(std::string_view sql) { return Lexer(sql).run(); }

FilePosition position_of(std::string_view sql, size_t offset) {
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

}  // namespace mainstem::engines::duckdb
