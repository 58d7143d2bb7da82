#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mainstem::format::csv {

inline constexpr size_t kBlockBytes = 64;

/// The bytes that give a CSV text its structure, beside line feed and carriage return. A byte that is not used is
/// kNoByte, which no valid UTF-8 text holds.
struct StructuralBytes {
  uint8_t delimiter = ',';
  uint8_t quote = '"';
  uint8_t escape = '"';
};
inline constexpr uint8_t kNoByte = 0xff;

/// Where special bytes stand in a block of 64 bytes: bit i for byte i.
struct BlockMasks {
  uint64_t structural = 0;  ///< delimiters, line feeds, carriage returns
  uint64_t quote = 0;       ///< quotes and escapes
};

/// Fills one mask per block of `text`, which holds as many whole blocks as `masks`. Returns true if any byte is NUL or
/// not ASCII. Chooses the widest instructions that the machine has.
bool find_structure(const uint8_t* text, const StructuralBytes& bytes, std::span<BlockMasks> masks);

/// The same without vector instructions, for machines without them and for tests.
bool find_structure_portable(const uint8_t* text, const StructuralBytes& bytes, std::span<BlockMasks> masks);

}  // namespace mainstem::format::csv
