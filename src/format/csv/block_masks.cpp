#include "format/csv/block_masks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mainstem::format::csv {

bool find_structure_portable(const uint8_t* text, const StructuralBytes& bytes, std::span<BlockMasks> masks) {
  bool special = false;
  for (auto& mask : masks) {
    mask = {};
    for (size_t i = 0; i < kBlockBytes; ++i) {
      const uint8_t byte = text[i];
      const bool structural = byte == bytes.delimiter || byte == '\n' || byte == '\r';
      const bool quote = byte == bytes.quote || byte == bytes.escape;
      mask.structural |= static_cast<uint64_t>(structural) << i;
      mask.quote |= static_cast<uint64_t>(quote) << i;
      special |= byte == 0 || byte > 0x7f;
    }
    text += kBlockBytes;
  }
  return special;
}

#if defined(__x86_64__)
namespace {

__attribute__((target("avx2"))) bool find_structure_avx2(const uint8_t* text, const StructuralBytes& bytes,
                                                         std::span<BlockMasks> masks) {
  const auto delimiter = _mm256_set1_epi8(static_cast<char>(bytes.delimiter));
  const auto quote = _mm256_set1_epi8(static_cast<char>(bytes.quote));
  const auto escape = _mm256_set1_epi8(static_cast<char>(bytes.escape));
  const auto line_feed = _mm256_set1_epi8('\n');
  const auto carriage_return = _mm256_set1_epi8('\r');
  auto special = _mm256_setzero_si256();
  for (auto& mask : masks) {
    uint64_t structural[2];
    uint64_t quotes[2];
    for (size_t half = 0; half < 2; ++half) {
      const auto part = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + 32 * half));
      const auto breaks = _mm256_or_si256(_mm256_cmpeq_epi8(part, line_feed), _mm256_cmpeq_epi8(part, carriage_return));
      const auto ends = _mm256_or_si256(breaks, _mm256_cmpeq_epi8(part, delimiter));
      const auto marks = _mm256_or_si256(_mm256_cmpeq_epi8(part, quote), _mm256_cmpeq_epi8(part, escape));
      structural[half] = static_cast<uint32_t>(_mm256_movemask_epi8(ends));
      quotes[half] = static_cast<uint32_t>(_mm256_movemask_epi8(marks));
      const auto nul = _mm256_cmpeq_epi8(part, _mm256_setzero_si256());
      special = _mm256_or_si256(special, _mm256_or_si256(part, nul));
    }
    mask.structural = structural[0] | structural[1] << 32;
    mask.quote = quotes[0] | quotes[1] << 32;
    text += kBlockBytes;
  }
  return _mm256_movemask_epi8(special) != 0;
}

// SSE2 is part of x86-64.
bool find_structure_sse2(const uint8_t* text, const StructuralBytes& bytes, std::span<BlockMasks> masks) {
  const auto delimiter = _mm_set1_epi8(static_cast<char>(bytes.delimiter));
  const auto quote = _mm_set1_epi8(static_cast<char>(bytes.quote));
  const auto escape = _mm_set1_epi8(static_cast<char>(bytes.escape));
  const auto line_feed = _mm_set1_epi8('\n');
  const auto carriage_return = _mm_set1_epi8('\r');
  auto special = _mm_setzero_si128();
  for (auto& mask : masks) {
    mask = {};
    for (size_t quarter = 0; quarter < 4; ++quarter) {
      const auto part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + 16 * quarter));
      const auto breaks = _mm_or_si128(_mm_cmpeq_epi8(part, line_feed), _mm_cmpeq_epi8(part, carriage_return));
      const auto ends = _mm_or_si128(breaks, _mm_cmpeq_epi8(part, delimiter));
      const auto marks = _mm_or_si128(_mm_cmpeq_epi8(part, quote), _mm_cmpeq_epi8(part, escape));
      const size_t shift = 16 * quarter;
      mask.structural |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(ends))) << shift;
      mask.quote |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(marks))) << shift;
      special = _mm_or_si128(special, _mm_or_si128(part, _mm_cmpeq_epi8(part, _mm_setzero_si128())));
    }
    text += kBlockBytes;
  }
  return _mm_movemask_epi8(special) != 0;
}

}  // namespace

bool find_structure(const uint8_t* text, const StructuralBytes& bytes, std::span<BlockMasks> masks) {
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  return has_avx2 ? find_structure_avx2(text, bytes, masks) : find_structure_sse2(text, bytes, masks);
}
#else
bool find_structure(const uint8_t* text, const StructuralBytes& bytes, std::span<BlockMasks> masks) {
  return find_structure_portable(text, bytes, masks);
}
#endif

}  // namespace mainstem::format::csv
