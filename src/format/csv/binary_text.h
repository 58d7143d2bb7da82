#pragma once

#include <string>
#include <string_view>

#include "format/csv/options.h"

namespace mainstem::format::csv {

/// Bytes as hexadecimal digits (lower case) or Base64 (RFC 4648, padded).
void encode_binary(std::string_view bytes, BinaryForm form, std::string& out);

/// The reverse, letter case of hexadecimal digits ignored; false if `text` is no such form.
bool decode_binary(std::string_view text, BinaryForm form, std::string& bytes);

}  // namespace mainstem::format::csv
