#pragma once

#include <string>

#include "config/option.h"

namespace mainstem::config {

/// The options as a Markdown table; those of nested maps follow with dotted names ("tls.mode").
std::string reference_table(const OptionTable& table);

}  // namespace mainstem::config
