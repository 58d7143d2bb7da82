#include "state/run_id.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <string_view>

namespace mainstem::state {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kTimeDigits = 10;
constexpr size_t kRandomDigits = 16;

// Writes the lowest 5 * count bits of `value`, highest first.
void append_digits(std::string& text, uint64_t value, size_t count) {
  for (size_t i = count; i-- > 0;) text += kDigits[(value >> (5 * i)) & 31];
}

}  // namespace

RandomSource system_random() {
  return [device = std::make_shared<std::random_device>()] {
    const uint64_t high = (*device)();
    return (high << 32) | (*device)();
  };
}

std::string new_run_id(const Clock& clock, const RandomSource& random) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(clock.now().time_since_epoch()).count();
  std::string id;
  id.reserve(kTimeDigits + kRandomDigits);
  append_digits(id, static_cast<uint64_t>(std::max<int64_t>(since, 0)) & ((uint64_t{1} << 48) - 1), kTimeDigits);
  append_digits(id, random(), kRandomDigits / 2);
  append_digits(id, random(), kRandomDigits / 2);
  return id;
}

}  // namespace mainstem::state
