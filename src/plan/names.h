#pragma once

#include <string>

namespace mainstem::plan {

/// A name the engine uses beside the user's, from the same model: "orders" + "stream" = "_mainstem_orders_stream".
std::string inner_name(const std::string& name, const std::string& role);

}  // namespace mainstem::plan
