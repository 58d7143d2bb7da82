#include "base/units.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace mainstem {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};

constexpr std::array<Unit, 10> kByteUnits{{{"b", 1},
                                           {"kib", 1LL << 10},
                                           {"mib", 1LL << 20},
                                           {"gib", 1LL << 30},
                                           {"tib", 1LL << 40},
                                           {"kb", 1000},
                                           {"mb", 1000'000},
                                           {"gb", 1000'000'000},
                                           {"tb", 1000'000'000'000},
                                           {"", 1}}};

constexpr std::array<Unit, 6> kDurationUnits{
    {{"w", 604'800'000}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view skip_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

// Takes a non-negative whole number off the front of `text`.
std::optional<int64_t> take_number(std::string_view& text) {
  int64_t value = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

std::string take_letters(std::string_view& text) {
  size_t n = 0;
  while (n < text.size() && ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z'))) ++n;
  auto result = lower(text.substr(0, n));
  text.remove_prefix(n);
  return result;
}

template <size_t N>
std::optional<int64_t> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const auto& unit : units)
    if (unit.name == name) return unit.factor;
  return std::nullopt;
}

std::optional<int64_t> multiply(int64_t a, int64_t b) {
  int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

}  // namespace

Result<ByteCount> parse_byte_count(std::string_view text) {
  auto fail = [&] {
    return Error(ErrorCode::invalid_config, "not a size: '" + std::string(text) + "'")
        .hint("write for example 512MiB or 2GiB");
  };
  auto rest = skip_spaces(text);
  auto number = take_number(rest);
  if (!number) return fail();
  rest = skip_spaces(rest);
  auto factor = factor_of(kByteUnits, take_letters(rest));
  if (!factor || !skip_spaces(rest).empty()) return fail();
  auto bytes = multiply(*number, *factor);
  if (!bytes) return fail();
  return ByteCount{*bytes};
}

std::string to_string(ByteCount count) {
  constexpr std::array<std::pair<int64_t, const char*>, 4> units{
      {{1LL << 40, "TiB"}, {1LL << 30, "GiB"}, {1LL << 20, "MiB"}, {1LL << 10, "KiB"}}};
  for (const auto& [factor, name] : units)
    if (count.bytes >= factor && count.bytes % factor == 0) return std::to_string(count.bytes / factor) + name;
  return std::to_string(count.bytes) + "B";
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto fail = [&] {
    return Error(ErrorCode::invalid_config, "not a duration: '" + std::string(text) + "'")
        .hint("write for example 30s, 5m, 1h30m or 2d");
  };
  auto rest = skip_spaces(text);
  if (rest.empty()) return fail();
  int64_t total = 0;
  while (!rest.empty()) {
    auto number = take_number(rest);
    if (!number) return fail();
    rest = skip_spaces(rest);
    auto factor = factor_of(kDurationUnits, take_letters(rest));
    if (!factor) return fail();
    auto part = multiply(*number, *factor);
    if (!part || __builtin_add_overflow(total, *part, &total)) return fail();
    rest = skip_spaces(rest);
  }
  return std::chrono::milliseconds(total);
}

std::string to_string(std::chrono::milliseconds duration) {
  auto rest = duration.count();
  std::string text;
  for (const auto& unit : kDurationUnits) {
    if (rest < unit.factor) continue;
    text += std::to_string(rest / unit.factor) + std::string(unit.name);
    rest %= unit.factor;
  }
  return text.empty() ? "0s" : text;
}

std::string counted(int64_t count, std::string_view singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

}  // namespace mainstem
