#include "format/json/cursor.h"

#include <cstdint>
#include <optional>

namespace mainstem::format::json {
namespace {

std::optional<uint32_t> take_hex(std::string_view& raw) {
  if (raw.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (const char c : raw.substr(0, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9')
      value = value * 16 + static_cast<uint32_t>(c - '0');
    else if (lower >= 'a' && lower <= 'f')
      value = value * 16 + static_cast<uint32_t>(lower - 'a' + 10);
    else
      return std::nullopt;
  }
  raw.remove_prefix(4);
  return value;
}

void append_utf8(uint32_t point, std::string& text) {
  const auto byte = [&](uint32_t value) { text += static_cast<char>(value); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      byte(0xE0 | (point >> 12));
    } else {
      byte(0xF0 | (point >> 18));
      byte(0x80 | ((point >> 12) & 0x3F));
    }
    byte(0x80 | ((point >> 6) & 0x3F));
  }
  byte(0x80 | (point & 0x3F));
}

// What follows "\u".
bool unescape_code_point(std::string_view& raw, std::string& text) {
  auto point = take_hex(raw);
  if (!point || (*point >= 0xDC00 && *point < 0xE000)) return false;
  if (*point >= 0xD800 && *point < 0xDC00) {
    if (!raw.starts_with("\\u")) return false;
    raw.remove_prefix(2);
    const auto low = take_hex(raw);
    if (!low || *low < 0xDC00 || *low >= 0xE000) return false;
    point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
  }
  append_utf8(*point, text);
  return true;
}

bool unescape_one(std::string_view& raw, std::string& text) {
  constexpr std::string_view escapes = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const char c = raw.front();
  raw.remove_prefix(1);
  if (c == 'u') return unescape_code_point(raw, text);
  const auto found = escapes.find(c);
  if (found == std::string_view::npos) return false;
  text += meanings[found];
  return true;
}

}  // namespace

std::string_view Cursor::take_word() {
  const char* first = at_;
  while (at_ < end_ && !ends_word(*at_)) ++at_;
  return since(first);
}

bool unescape(std::string_view raw, std::string& text) {
  text.clear();
  for (;;) {
    const auto next = raw.find('\\');
    text += raw.substr(0, next);
    if (next == std::string_view::npos) return true;
    raw.remove_prefix(next + 1);
    if (raw.empty() || !unescape_one(raw, text)) return false;
  }
}

}  // namespace mainstem::format::json
