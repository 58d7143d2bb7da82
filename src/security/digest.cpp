#include "security/digest.h"

#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace mainstem::security {
namespace {

using Digest = std::array<unsigned char, 32>;

std::string hexadecimal(const Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

}  // namespace

std::string sha256(std::string_view text) {
  Digest digest;
  unsigned int size = 0;
  const int done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  CHECK(done == 1 && size == digest.size(), "SHA-256 is always there");
  return hexadecimal(digest);
}

std::string hmac_sha256(const Secret& key, std::string_view text) {
  Digest digest;
  unsigned int size = 0;
  const auto& bytes = key.reveal();
  const auto* done = HMAC(EVP_sha256(), bytes.data(), static_cast<int>(bytes.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  CHECK(done != nullptr && size == digest.size(), "HMAC-SHA-256 is always there");
  return hexadecimal(digest);
}

}  // namespace mainstem::security
