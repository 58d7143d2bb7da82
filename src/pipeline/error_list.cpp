#include "pipeline/error_list.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tuple>

#include "base/nearest.h"

namespace mainstem::pipeline {
namespace {

auto order_of(const Error& error) {
  const auto position = error.position().value_or(FilePosition{});
  return std::tuple(position.file, position.line, position.column, error.to_string());
}

}  // namespace

std::vector<Error> ErrorList::take_sorted() {
  auto errors = std::exchange(errors_, {});
  std::ranges::sort(errors, {}, order_of);
  const auto doubles = std::ranges::unique(errors, {}, order_of);
  errors.erase(doubles.begin(), doubles.end());
  return errors;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (const auto guess = nearest(word, known)) return fmt::format("did you mean '{}'?", *guess);
  return known.empty() ? "there are none" : fmt::format("known: {}", fmt::join(known, ", "));
}

}  // namespace mainstem::pipeline
