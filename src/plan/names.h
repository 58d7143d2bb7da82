#pragma once

#include <string>
#include <string_view>

namespace mainstem::plan {

/// A name the engine uses beside the user's, from the same model: "orders" + "stream" = "_mainstem_orders_stream".
std::string inner_name(const std::string& name, const std::string& role);

/// Under what name the targets keep a pipeline's state: environments have cursors of their own, since they may read
/// other sources into one target. Without an environment the pipeline's name alone.
std::string state_name(const std::string& pipeline, const std::string& environment);

/// In the place of connector::StateRecord::source: the record tells what a run has read of sources in full. No name of
/// a source has a blank.
inline constexpr std::string_view kFullReads = "full reads";

}  // namespace mainstem::plan
