#include "io/compression.h"

#include <array>
#include <cctype>
#include <fmt/format.h>
#include <utility>

namespace mainstem::io {
namespace {

struct Ending {
  std::string_view text;
  Compression compression;
};
constexpr std::array<Ending, 4> kEndings{{{".gz", Compression::gzip},
                                          {".gzip", Compression::gzip},
                                          {".zst", Compression::zstd},
                                          {".zstd", Compression::zstd}}};

bool ends_with(std::string_view name, std::string_view ending) {
  if (name.size() < ending.size()) return false;
  name.remove_prefix(name.size() - ending.size());
  for (size_t i = 0; i < ending.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(name[i])) != ending[i]) return false;
  return true;
}

const Ending* ending_of(std::string_view name) {
  for (const auto& ending : kEndings)
    if (ends_with(name, ending.text)) return &ending;
  return nullptr;
}

}  // namespace

Compression detect_compression(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1F\x8B")) return Compression::gzip;
  if (first_bytes.starts_with("\x28\xB5\x2F\xFD")) return Compression::zstd;
  return Compression::none;
}

Compression compression_of_name(std::string_view name) {
  const auto* ending = ending_of(name);
  return ending == nullptr ? Compression::none : ending->compression;
}

std::string_view without_compression_ending(std::string_view name) {
  const auto* ending = ending_of(name);
  if (ending != nullptr) name.remove_suffix(ending->text.size());
  return name;
}

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::none: return "none";
    case Compression::gzip: return "gzip";
    case Compression::zstd: return "zstd";
  }
  return "none";
}

Result<Compression> settle_compression(std::string_view name, std::string_view first_bytes) {
  const auto found = detect_compression(first_bytes);
  const auto promised = compression_of_name(name);
  if (found != Compression::none || promised == Compression::none) return found;
  if (first_bytes.empty())
    return Error(ErrorCode::invalid_data,
                 fmt::format("{}: the {} file is empty: not even its header is there", name, to_string(promised)));
  return Error(ErrorCode::invalid_data,
               fmt::format("{}: named as {}, but its content is not", name, to_string(promised)))
      .hint("set `compression: none` if the file is not compressed");
}

}  // namespace mainstem::io
