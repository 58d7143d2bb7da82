#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mainstem::pipeline {

/// The hint about a name that is not known: "did you mean 'orders'?", or all that are known.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

/// Appends the `name` of each item.
template <class T>
void add_names(std::vector<std::string>& names, const std::vector<T>& items) {
  for (const auto& item : items) names.push_back(item.name);
}

template <class T>
std::vector<std::string> names_of(const std::vector<T>& items) {
  std::vector<std::string> names;
  add_names(names, items);
  return names;
}

}  // namespace mainstem::pipeline
