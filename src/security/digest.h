#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mainstem::security {

/// Lower-case hexadecimal digits of bytes.
std::string hexadecimal(const unsigned char* bytes, size_t size);

/// SHA-256 of a text (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view text);

}  // namespace mainstem::security
