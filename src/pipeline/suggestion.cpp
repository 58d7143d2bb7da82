#include "pipeline/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.h"

namespace mainstem::pipeline {

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (const auto guess = nearest(word, known)) return fmt::format("did you mean '{}'?", *guess);
  return known.empty() ? "there are none" : fmt::format("known: {}", fmt::join(known, ", "));
}

}  // namespace mainstem::pipeline
