#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "format/number_text.h"

namespace mainstem::format::json {

/// Eight bytes, the first one lowest where the machine is little-endian.
inline uint64_t load_word(const char* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// The first byte that may not stand in a string as it is, which is a quote, backslash or control character; else the
/// end.
inline const char* find_special(const char* at, const char* end) {
  constexpr uint64_t ones = 0x0101010101010101;
  constexpr uint64_t highs = 0x8080808080808080;
  // High bits of the bytes that are zero; bytes behind the first such one may be marked wrongly.
  constexpr auto zero_bytes = [](uint64_t word) { return (word - ones) & ~word; };
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - at >= 8; at += 8) {
      const uint64_t word = load_word(at);
      const uint64_t marks =
          (zero_bytes(word ^ (ones * '"')) | zero_bytes(word ^ (ones * '\\')) | ((word - ones * 0x20) & ~word)) & highs;
      if (marks != 0) return at + std::countr_zero(marks) / 8;
    }
  }
  while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

/// Short texts are compared by two words that may overlap.
inline bool are_equal(const char* left, const char* right, size_t size) {
  if (size < 8 || size > 16) return std::memcmp(left, right, size) == 0;
  const size_t last = size - 8;
  return load_word(left) == load_word(right) && load_word(left + last) == load_word(right + last);
}

/// Whether a number or a literal ends before a byte.
inline constexpr auto kEndsWord = [] {
  std::array<bool, 256> ends{};
  for (const char c : {' ', '\n', '\r', '\t', ',', ':', '"', '{', '}', '[', ']'})
    ends[static_cast<unsigned char>(c)] = true;
  return ends;
}();

/// Goes through the text of one JSON value (RFC 8259) token by token, without copying.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  /// The next byte that is not blank, which stays; 0 at the end, and for a NUL byte.
  char peek() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return at_ < end_ ? *at_ : '\0';
  }
  bool at_end() const { return at_ == end_; }
  /// Eats `expected` if it comes next.
  bool take(char expected) {
    if (peek() != expected || at_ == end_) return false;
    ++at_;
    return true;
  }
  /// Eats `name` in quotes and a colon directly behind it, if they stand here. An empty name is never there; the name
  /// is one that stands in JSON as it is.
  bool take_name(std::string_view name) {
    if (name.empty() || static_cast<size_t>(end_ - at_) < name.size() + 3) return false;
    if (at_[name.size() + 1] != '"' || at_[name.size() + 2] != ':' || *at_ != '"') return false;
    if (!are_equal(at_ + 1, name.data(), name.size())) return false;
    at_ += name.size() + 3;
    return true;
  }
  /// Eats the string whose quote comes next, and gives what stands between its quotes, escapes as they are; false if it
  /// is not closed or holds a control character.
  bool take_string(std::string_view& raw, bool& has_escapes) {
    const char* first = ++at_;
    has_escapes = false;
    for (;;) {
      at_ = find_special(at_, end_);
      if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) return false;
      if (*at_ == '"') break;
      has_escapes = true;
      if (end_ - at_ < 2) return false;
      at_ += 2;
    }
    raw = since(first);
    ++at_;
    return true;
  }
  /// Eats the number that comes next; false if what stands before the next blank, comma, bracket or quote is none.
  bool take_number(NumberText& number) {
    const char* end = scan_number(at_, end_, number);
    if (end == nullptr || (end < end_ && !ends_word(*end))) return false;
    at_ = end;
    return true;
  }
  /// Eats what stands before the next blank, comma, colon, quote or bracket: a literal.
  std::string_view take_word();
  /// The text from `first`, a pointer into it, up to here.
  std::string_view since(const char* first) const { return {first, static_cast<size_t>(at_ - first)}; }
  const char* at() const { return at_; }

 private:
  static bool ends_word(char c) { return kEndsWord[static_cast<unsigned char>(c)]; }

  const char* at_;
  const char* end_;
};

/// Resolves the escapes of a string; false if one of them is malformed or is half of a surrogate pair.
bool unescape(std::string_view raw, std::string& text);

}  // namespace mainstem::format::json
