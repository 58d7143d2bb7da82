#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mainstem::connectors::postgres {

/// Numbers in PostgreSQL's binary formats are big-endian. The caller has checked that the bytes are there.
template <class T>
T from_wire(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
  return value;
}

/// The number that `bytes` begin with.
template <class T>
T from_wire(std::string_view bytes) {
  return from_wire<T>(&bytes.front());
}

template <class T>
void to_wire(char* bytes, T value) {
  value = from_wire<T>(reinterpret_cast<const char*>(&value));
  std::memcpy(bytes, &value, sizeof value);
}

static_assert(std::endian::native == std::endian::little, "the byte swaps assume a little-endian machine");

/// Dates and timestamps count from 2000-01-01 there, from 1970-01-01 in Arrow.
constexpr int32_t kEpochDays = 10'957;
constexpr int64_t kEpochMicros = 946'684'800'000'000;

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

}  // namespace mainstem::connectors::postgres
