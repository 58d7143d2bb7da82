#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace mainstem::security {

/// SHA-256 of a text (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view text);

/// HMAC-SHA-256 of a text (RFC 2104) as 64 lower-case hexadecimal digits.
std::string hmac_sha256(const Secret& key, std::string_view text);

}  // namespace mainstem::security
