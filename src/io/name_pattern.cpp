#include <algorithm>

#include "base/utf8.h"
#include "io/listing.h"

namespace mainstem::io {
namespace {

// One character of UTF-8, or one byte where the text is none.
std::string_view first_character(std::string_view text) {
  return text.substr(0, std::max<size_t>(1, utf8_length(text)));
}

// "[...]" at the front of `pattern`: whether `character` is in it. Moves `pattern` behind it; an unclosed bracket is a
// character like any other.
bool matches_set(std::string_view& pattern, std::string_view character) {
  const size_t first = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^') ? 2 : 1;
  const size_t end = pattern.find(']', first + 1);
  if (end == std::string_view::npos) {
    pattern.remove_prefix(1);
    return character == "[";
  }
  auto members = pattern.substr(first, end - first);
  pattern.remove_prefix(end + 1);
  bool found = false;
  while (!members.empty()) {
    const auto low = first_character(members);
    members.remove_prefix(low.size());
    auto high = low;
    if (members.size() > 1 && members.front() == '-') {
      members.remove_prefix(1);
      high = first_character(members);
      members.remove_prefix(high.size());
    }
    // Bytes of UTF-8 sort as the characters do.
    if (low <= character && character <= high) found = true;
  }
  return found == (first == 1);
}

// One element of `pattern` other than `*` against one character.
bool matches_one(std::string_view& pattern, std::string_view character) {
  if (pattern.front() == '[') return matches_set(pattern, character);
  const auto wanted = first_character(pattern);
  pattern.remove_prefix(wanted.size());
  return wanted == "?" || wanted == character;
}

}  // namespace

bool is_pattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

bool matches_name(std::string_view pattern, std::string_view name) {
  // Going back to the last `*` alone is enough: whatever an earlier one took more, the last one could take as well.
  std::string_view star_pattern;
  std::string_view star_name;
  bool star = false;
  while (true) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      star_pattern = pattern;
      star_name = name;
      star = true;
      continue;
    }
    if (name.empty() && pattern.empty()) return true;
    const auto character = name.empty() ? name : first_character(name);
    if (!name.empty() && !pattern.empty() && matches_one(pattern, character)) {
      name.remove_prefix(character.size());
      continue;
    }
    if (!star || star_name.empty()) return false;
    star_name.remove_prefix(first_character(star_name).size());
    name = star_name;
    pattern = star_pattern;
  }
}

}  // namespace mainstem::io
