#pragma once

#include <memory>
#include <string>

#include "connector/sink.h"
#include "connectors/sqlite/options.h"

namespace mainstem::connectors::sqlite {

/// Staging tables are "_mainstem_stage_<run>_<n>".
inline constexpr std::string_view kStagePrefix = "_mainstem_stage_";
inline constexpr std::string_view kStateTable = "_mainstem_state";

/// Opens the file for staging, making it if needed. Errors: those of opening it.
Result<std::unique_ptr<connector::PublishUnit>> begin_unit(Context& context, const ConnectionOptions& options,
                                                           const std::string& run_id);

}  // namespace mainstem::connectors::sqlite
