#pragma once

#include <arrow/type_fwd.h>
#include <string>
#include <vector>

#include "connector/spec.h"
#include "pipeline/error_list.h"
#include "pipeline/graph.h"
#include "pipeline/spec.h"

namespace mainstem::pipeline {

/// Checks what a pipeline's parts mean together and within the project, without connecting: names, connections and
/// what their connectors can do, masks, keys, modes. Also used for specs put together in memory.
void validate(const PipelineSpec& spec, const Project& project, const std::vector<connector::ConnectorSpec>& connectors,
              ErrorList& errors);

/// Errors: invalid_config, placed, for a lookback that cannot be taken off a cursor of this type: times take a
/// duration, numbers a whole number. Whether a text holds times, only its connector can tell.
Result<void> check_lookback(const Incremental& incremental, const arrow::DataType& type);

/// Checks that need to know which model reads what: incremental sources and the targets below them.
void validate_flow(const PipelineSpec& spec, const Graph& graph, ErrorList& errors);

/// A name that can stand in SQL and file names everywhere: a letter or _, then letters, digits and _; not beginning
/// with _mainstem. Letters beyond ASCII count.
bool is_plain_name(std::string_view name);

/// Fills in what is said elsewhere: the key of a target whose model is a source.
void inherit(PipelineSpec& spec);

/// What to say of checks that look for a value among what is new of a source: rows whose counterpart came in an earlier
/// run fail them.
std::vector<std::string> references_to_news(const PipelineSpec& spec, const Graph& graph);

}  // namespace mainstem::pipeline
