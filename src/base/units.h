#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mainstem {

/// A size in bytes with its own type, so that no option takes "2" for two gibibytes.
struct ByteCount {
  int64_t bytes = 0;
  auto operator<=>(const ByteCount&) const = default;
};

constexpr ByteCount kibibytes(int64_t n) { return {n << 10}; }
constexpr ByteCount mebibytes(int64_t n) { return {n << 20}; }
constexpr ByteCount gibibytes(int64_t n) { return {n << 30}; }

/// Reads "512MiB", "2 GiB", "64kB", "4096" (bytes). Binary (KiB, MiB, GiB, TiB) and decimal (kB, MB, GB, TB) units,
/// letter case ignored. Errors: invalid_config.
Result<ByteCount> parse_byte_count(std::string_view text);
/// The shortest exact form in binary units ("512MiB", "4096B").
std::string to_string(ByteCount count);

/// Reads "500ms", "30s", "5m", "1h", "2d", "1w" or sums of them ("1h30m"). Errors: invalid_config.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The form `parse_duration` reads ("1h30m"); "0s" for none.
std::string to_string(std::chrono::milliseconds duration);

/// "1 row", "2 rows"; `singular` makes its plural with an s.
std::string counted(int64_t count, std::string_view singular);

}  // namespace mainstem
