#include "security/digest.h"

#include <array>
#include <openssl/evp.h>

#include "base/check.h"

namespace mainstem::security {

std::string hexadecimal(const unsigned char* bytes, size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * size);
  for (size_t i = 0; i < size; ++i) {
    hex += digits[bytes[i] >> 4];
    hex += digits[bytes[i] & 15];
  }
  return hex;
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  const int done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  CHECK(done == 1 && size == 32, "SHA-256 is always there");
  return hexadecimal(digest.data(), size);
}

}  // namespace mainstem::security
