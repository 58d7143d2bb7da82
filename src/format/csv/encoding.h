#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "format/csv/options.h"

namespace mainstem::format::csv {

/// Turns bytes of an encoding into UTF-8, piece by piece. What the encoding does not define becomes bytes that are not
/// UTF-8 either, so that its record gets rejected; every character keeps its number of input bytes (`encoded_size`).
class Decoder {
 public:
  /// `encoding` is settled, not automatic.
  explicit Decoder(Encoding encoding) : encoding_(encoding) {}

  /// Appends the text of `bytes`; keeps the beginning of a character that is not complete. `last` gives that out, too.
  void decode(std::span<const uint8_t> bytes, bool last, std::vector<uint8_t>& text);

 private:
  void decode_utf16(std::span<const uint8_t> bytes, bool last, std::vector<uint8_t>& text);

  Encoding encoding_;
  std::vector<uint8_t> pending_;
};

/// Bytes that `size` bytes of decoded text, whole characters, took in the input.
int64_t encoded_size(Encoding encoding, const uint8_t* text, size_t size);

/// Encoding and length of a byte order mark at the beginning of a file; `size` 0 = there is none.
struct ByteOrderMark {
  Encoding encoding = Encoding::utf8;
  int64_t size = 0;
};
ByteOrderMark find_byte_order_mark(std::span<const uint8_t> bytes);

/// True if the beginning of a file looks like UTF-16 without a byte order mark: every other byte is mostly NUL.
bool looks_like_utf16(std::span<const uint8_t> bytes);

/// Bytes made fit for text: what is not UTF-8, and NUL, as "\xe9"; cut at `most` bytes.
std::string printable(std::span<const uint8_t> bytes, size_t most);

}  // namespace mainstem::format::csv
