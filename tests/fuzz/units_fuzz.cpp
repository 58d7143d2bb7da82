// Sizes and durations as users write them: what is accepted keeps its value when it is printed and read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/units.h"

namespace mainstem {
namespace {

void read_and_print(std::string_view text) {
  if (auto size = parse_byte_count(text)) {
    auto again = parse_byte_count(to_string(*size));
    CHECK(again && *again == *size, "a printed size reads as itself");
  }
  if (auto duration = parse_duration(text)) {
    auto again = parse_duration(to_string(*duration));
    CHECK(again && *again == *duration, "a printed duration reads as itself");
  }
}

}  // namespace
}  // namespace mainstem

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mainstem::read_and_print({reinterpret_cast<const char*>(data), size});
  return 0;
}
