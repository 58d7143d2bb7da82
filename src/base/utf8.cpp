#include "base/utf8.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace mainstem {
namespace {

constexpr uint64_t kHighs = 0x8080808080808080;

uint64_t load_word(const char* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool outside = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return overlong || outside ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    while (text.size() >= 32 &&
           ((load_word(&text[0]) | load_word(&text[8]) | load_word(&text[16]) | load_word(&text[24])) & kHighs) == 0)
      text.remove_prefix(32);
    if (std::endian::native == std::endian::little && text.size() >= 8) {
      const uint64_t highs = load_word(&text[0]) & kHighs;
      text.remove_prefix(highs == 0 ? 8 : static_cast<size_t>(std::countr_zero(highs)) / 8);
      if (highs == 0) continue;
    }
    if (text.empty()) return true;
    // Characters beyond ASCII come in rows.
    do {
      const size_t length = utf8_length(text);
      if (length == 0) return false;
      text.remove_prefix(length);
    } while (!text.empty() && (text.front() & 0x80) != 0);
  }
  return true;
}

}  // namespace mainstem
