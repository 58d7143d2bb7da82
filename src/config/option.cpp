#include "config/option.h"

#include <algorithm>

namespace mainstem::config {

const Option* OptionTable::find(std::string_view name) const {
  auto it = std::ranges::find(options, name, &Option::name);
  return it == options.end() ? nullptr : &*it;
}

}  // namespace mainstem::config
