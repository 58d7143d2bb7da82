#pragma once

#include <string>

namespace mainstem::plan {

/// A name the engine uses beside the user's, from the same model: "orders" + "stream" = "_mainstem_orders_stream".
std::string inner_name(const std::string& name, const std::string& role);

/// Under what name the targets keep a pipeline's state: environments have cursors of their own, since they may read
/// other sources into one target. Without an environment the pipeline's name alone.
std::string state_name(const std::string& pipeline, const std::string& environment);

/// Under what source name the targets keep what was read of a source in full: connector::StateRecord::source.
std::string full_read_name(const std::string& source);
bool is_full_read(const std::string& name);

}  // namespace mainstem::plan
