#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace mainstem::pipeline {

/// Errors found on the way through files, so that a user sees all of them at once. One thread.
class ErrorList {
 public:
  void add(Error error) { errors_.push_back(std::move(error)); }

  /// The value, or nothing after keeping the error.
  template <class T>
  std::optional<T> keep(Result<T> result) {
    if (result) return *std::move(result);
    add(std::move(result).error());
    return std::nullopt;
  }
  /// True on success.
  bool keep(Result<void> result) {
    if (result) return true;
    add(std::move(result).error());
    return false;
  }

  size_t size() const { return errors_.size(); }
  /// In the order of files, lines and columns; without doubles.
  std::vector<Error> take_sorted();

 private:
  std::vector<Error> errors_;
};

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
