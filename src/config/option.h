#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "config/node.h"

namespace mainstem::config {

struct OptionTable;

/// What is known about one option, without its C++ type: the source of JSON Schema, reference pages, help and forms.
struct Option {
  std::string name;
  std::string type;  ///< text, integer, number, boolean, size, duration, secret, list of text, map of text, table, any
  std::string doc;   ///< one or two sentences
  bool required = false;
  std::string default_text;  ///< as a user would write it; empty = none
  std::vector<std::string> choices;
  std::optional<double> min, max;
  std::string unit;
  std::string since;
  std::vector<std::string> examples;
  std::shared_ptr<const OptionTable> nested;  ///< for type "table" and "list of table"
};

struct OptionTable {
  std::vector<Option> options;

  const Option* find(std::string_view name) const;
};

using mainstem::nearest;

}  // namespace mainstem::config
