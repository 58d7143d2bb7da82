#include "format/csv/encoding.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "base/utf8.h"

namespace mainstem::format::csv {
namespace {

// Not UTF-8, and counted as one character.
constexpr uint8_t kUndefined = 0xff;

// Code points of the bytes 0x80 to 0x9f in Windows-1252; 0 = undefined. https://encoding.spec.whatwg.org/ has C1
// controls in the gaps, which no author of such a file means.
constexpr std::array<uint16_t, 32> kWindows1252{0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                                0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

void append_utf8(uint32_t code, std::vector<uint8_t>& text) {
  const auto tail = [&](int shift) { text.push_back(static_cast<uint8_t>(0x80 | ((code >> shift) & 0x3f))); };
  if (code < 0x80) {
    text.push_back(static_cast<uint8_t>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<uint8_t>(0xc0 | code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text.push_back(static_cast<uint8_t>(0xe0 | code >> 12));
    tail(6);
    tail(0);
  } else {
    text.push_back(static_cast<uint8_t>(0xf0 | code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

void decode_single_bytes(std::span<const uint8_t> bytes, bool windows, std::vector<uint8_t>& text) {
  for (const uint8_t byte : bytes) {
    const bool mapped = windows && byte >= 0x80 && byte < 0xa0;
    const uint32_t code = mapped ? kWindows1252[byte - 0x80] : byte;
    if (mapped && code == 0)
      text.push_back(kUndefined);
    else
      append_utf8(code, text);
  }
}

}  // namespace

void Decoder::decode(std::span<const uint8_t> bytes, bool last, std::vector<uint8_t>& text) {
  switch (encoding_) {
    case Encoding::latin1: return decode_single_bytes(bytes, false, text);
    case Encoding::windows1252: return decode_single_bytes(bytes, true, text);
    case Encoding::utf16le:
    case Encoding::utf16be: return decode_utf16(bytes, last, text);
    case Encoding::automatic:
    case Encoding::utf8: text.insert(text.end(), bytes.begin(), bytes.end());
  }
}

void Decoder::decode_utf16(std::span<const uint8_t> bytes, bool last, std::vector<uint8_t>& text) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  const bool little = encoding_ == Encoding::utf16le;
  const auto unit = [&](size_t i) -> uint32_t {
    return static_cast<uint32_t>(little ? pending_[i] | pending_[i + 1] << 8 : pending_[i] << 8 | pending_[i + 1]);
  };
  size_t at = 0;
  while (at + 2 <= pending_.size()) {
    const uint32_t first = unit(at);
    const bool high = first >= 0xd800 && first < 0xdc00;
    if (high && at + 4 > pending_.size() && !last) break;
    const uint32_t second = high && at + 4 <= pending_.size() ? unit(at + 2) : 0;
    const bool pair = second >= 0xdc00 && second < 0xe000;
    // A surrogate alone becomes three bytes that are not UTF-8.
    append_utf8(pair ? 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00) : first, text);
    at += pair ? 4 : 2;
  }
  if (last && at < pending_.size()) {
    text.push_back(kUndefined);
    at = pending_.size();
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
}

int64_t encoded_size(Encoding encoding, const uint8_t* text, size_t size) {
  if (encoding == Encoding::utf8 || encoding == Encoding::automatic) return static_cast<int64_t>(size);
  const bool wide = encoding == Encoding::utf16le || encoding == Encoding::utf16be;
  int64_t total = 0;
  for (size_t i = 0; i < size; ++i) {
    const bool leads = (text[i] & 0xc0) != 0x80;
    const bool pair = wide && text[i] >= 0xf0 && text[i] != kUndefined;
    total += (leads ? 1 : 0) + (pair ? 1 : 0);
  }
  return wide ? 2 * total : total;
}

ByteOrderMark find_byte_order_mark(std::span<const uint8_t> bytes) {
  const auto begins_with = [&](std::initializer_list<uint8_t> mark) {
    return bytes.size() >= mark.size() && std::equal(mark.begin(), mark.end(), bytes.begin());
  };
  if (begins_with({0xef, 0xbb, 0xbf})) return {Encoding::utf8, 3};
  if (begins_with({0xff, 0xfe})) return {Encoding::utf16le, 2};
  if (begins_with({0xfe, 0xff})) return {Encoding::utf16be, 2};
  return {};
}

bool looks_like_utf16(std::span<const uint8_t> bytes) {
  const size_t size = std::min<size_t>(bytes.size(), 1024) / 2;
  size_t even = 0;
  size_t odd = 0;
  for (size_t i = 0; i < size; ++i) {
    even += bytes[2 * i] == 0 ? 1 : 0;
    odd += bytes[2 * i + 1] == 0 ? 1 : 0;
  }
  return size >= 4 && (even > size / 2 ? odd < size / 8 : odd > size / 2 && even < size / 8);
}

std::string printable(std::span<const uint8_t> bytes, size_t most) {
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string text;
  text.reserve(std::min(rest.size(), most));
  while (!rest.empty()) {
    const size_t length = utf8_length(rest);
    const bool fit = length > 0 && rest.front() != '\0';
    const auto piece =
        fit ? std::string(rest.substr(0, length)) : fmt::format("\\x{:02x}", static_cast<unsigned char>(rest.front()));
    if (text.size() + piece.size() > most) break;
    text += piece;
    rest.remove_prefix(fit ? length : 1);
  }
  return text;
}

}  // namespace mainstem::format::csv
