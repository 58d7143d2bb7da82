#include "security/masking.h"

#include "security/digest.h"

namespace mainstem::security {
namespace {

constexpr std::string_view kRedacted = "***";

// Start of the last `count` characters of UTF-8 text, and whether there are at least `least` characters in all.
std::pair<size_t, bool> tail_of(std::string_view text, int count, int least) {
  size_t start = text.size();
  int seen = 0;
  for (size_t i = text.size(); i > 0 && seen < least; --i) {
    const bool begins_character = (static_cast<unsigned char>(text[i - 1]) & 0xC0) != 0x80;
    if (!begins_character) continue;
    if (++seen == count) start = i - 1;
  }
  return {start, seen >= least};
}

}  // namespace

Result<Masker> Masker::make(MaskMethod method, Secret key) {
  if (method == MaskMethod::hash && key.empty())
    return Error(ErrorCode::invalid_config, "masking by hash needs a key")
        .hint("give one, for example key: \"${env:MASK_KEY}\"; without it, anybody could try out names");
  if (method != MaskMethod::hash && !key.empty())
    return Error(ErrorCode::invalid_config, "only masking by hash takes a key").hint("remove the key");
  return Masker(method, std::move(key));
}

std::optional<std::string> Masker::apply(std::string_view clear) const {
  switch (method_) {
    case MaskMethod::hash: return hmac_sha256(key_, clear);
    case MaskMethod::redact: return std::string(kRedacted);
    case MaskMethod::partial: {
      const auto [start, long_enough] = tail_of(clear, 4, 8);
      return std::string(kRedacted) + (long_enough ? std::string(clear.substr(start)) : "");
    }
    case MaskMethod::null: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace mainstem::security
