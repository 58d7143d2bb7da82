#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mainstem::format {

/// Names of an object's members with their numbers. Records of one kind have the same names in mostly the same order:
/// a look-up first tries the number that the caller expects.
class MemberIndex {
 public:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  /// Adds a name that is not there yet; returns its number.
  size_t add(std::string_view name) {
    const auto [entry, added] = numbers_.emplace(name, names_.size());
    names_.push_back(
        {.text = &entry->first, .plain = is_plain(name) ? std::string_view(entry->first) : std::string_view()});
    return entry->second;
  }
  /// Number of `name`, or kNone.
  size_t find(std::string_view name, size_t expected) const {
    if (expected < names_.size() && *names_[expected].text == name) return expected;
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? kNone : found->second;
  }
  const std::string& name(size_t number) const { return *names_[number].text; }
  /// The name if there is such a number and the name stands in JSON as it is, without escapes; else empty.
  std::string_view plain_name(size_t number) const {
    return number < names_.size() ? names_[number].plain : std::string_view();
  }
  size_t size() const { return names_.size(); }

 private:
  struct Name {
    const std::string* text;
    std::string_view plain;
  };
  static bool is_plain(std::string_view name) {
    return std::ranges::none_of(name,
                                [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; });
  }
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  // Nodes of a map stay where they are, so that names may be pointed at.
  std::unordered_map<std::string, size_t, Hash, std::equal_to<>> numbers_;
  std::vector<Name> names_;
};

}  // namespace mainstem::format
