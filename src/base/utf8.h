#pragma once

#include <cstddef>
#include <string_view>

namespace mainstem {

/// Bytes of the UTF-8 sequence at the front of `text`, which is not empty (RFC 3629: no overlong forms, no surrogates);
/// 0 if there is none.
size_t utf8_length(std::string_view text);

/// True if all of `text` is UTF-8. Fast where most of it is ASCII, and ready without any preparation.
bool is_utf8(std::string_view text);

}  // namespace mainstem
