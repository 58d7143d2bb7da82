#include "config/fields.h"

#include <fmt/format.h>

namespace mainstem::config {

Error unknown_key(const Node& node, const std::string& key, const OptionTable& table) {
  std::vector<std::string> names;
  for (const auto& option : table.options) names.push_back(option.name);
  auto guess = nearest(key, names);
  auto hint = guess ? fmt::format("did you mean '{}'?", *guess) : fmt::format("known here: {}", fmt::join(names, ", "));
  return Error(ErrorCode::invalid_config, fmt::format("unknown key '{}'", key)).at(node.key_position(key)).hint(hint);
}

Error missing_key(const Node& node, const Option& option) {
  return Error(ErrorCode::invalid_config, fmt::format("'{}' is missing", option.name))
      .at(node.position())
      .hint(option.doc);
}

Result<void> check_bounds(const Node& node, const Option& option) {
  if (!option.min && !option.max) return {};
  auto value = read_number(node);
  if (!value) return {};
  if (option.min && *value < *option.min) return wrong_type(node, fmt::format("at least {}", *option.min));
  if (option.max && *value > *option.max) return wrong_type(node, fmt::format("at most {}", *option.max));
  return {};
}

Result<void> check_keys(const Node& node, const OptionTable& table) {
  if (node.is_null()) return {};
  if (!node.is_map()) return wrong_type(node, "a map of options");
  for (const auto& [key, value] : node.entries())
    if (table.find(key) == nullptr) return unknown_key(node, key, table);
  return {};
}

}  // namespace mainstem::config
