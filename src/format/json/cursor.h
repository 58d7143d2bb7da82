#pragma once

#include <string>
#include <string_view>

namespace mainstem::format::json {

/// Goes through the text of one JSON value (RFC 8259) token by token, without copying.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  /// The next byte that is not blank, which stays; 0 at the end.
  char peek() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return at_ < end_ ? *at_ : '\0';
  }
  /// Eats `expected` if it comes next.
  bool take(char expected) {
    if (peek() != expected || at_ == end_) return false;
    ++at_;
    return true;
  }
  /// Eats a string and gives what stands between its quotes, escapes as they are; false if it is not closed or holds
  /// a control character.
  bool take_string(std::string_view& raw, bool& has_escapes);
  /// Eats what stands before the next blank, comma, colon, quote or bracket: a number or a literal.
  std::string_view take_word();
  /// The text from `first`, a pointer into it, up to here.
  std::string_view since(const char* first) const { return {first, static_cast<size_t>(at_ - first)}; }
  const char* at() const { return at_; }

 private:
  const char* at_;
  const char* end_;
};

/// Resolves the escapes of a string; false if one of them is malformed or is half of a surrogate pair.
bool unescape(std::string_view raw, std::string& text);

/// True if all of `text` is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace mainstem::format::json
