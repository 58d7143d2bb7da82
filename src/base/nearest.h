#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mainstem {

/// The nearest of `candidates` by edit distance, or nothing if none is near: for "did you mean".
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace mainstem
