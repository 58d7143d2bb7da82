#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "pipeline/error_list.h"
#include "pipeline/spec.h"

namespace mainstem::pipeline {

/// engine::Analyzer::references, whichever engine it is.
using SqlReferences = std::function<Result<std::vector<engine::Reference>>(const std::string& sql)>;

/// What a model reads, by the name its spec has.
struct Read {
  std::string name;
  bool source = false;  ///< a source; otherwise a model
  int uses = 1;         ///< how often its query reads it
};

struct ModelReads {
  std::string model;
  std::vector<Read> reads;
  /// What its checks read beside itself (references, sql). Needed when the checks run, not before the model.
  std::vector<Read> check_reads;
};

/// Which model reads what. A plain value.
struct Graph {
  std::vector<ModelReads> models;   ///< each behind all that it reads; otherwise as in the spec
  std::vector<ModelReads> sources;  ///< check_reads only

  const ModelReads* find(std::string_view model) const;
  /// Names of the sources that a model reads, itself or through others; a source's own name for a source.
  std::vector<std::string> sources_below(std::string_view name) const;
};

/// Errors, placed in the SQL: what `references` finds; invalid_config for a name that is neither source nor model, and
/// for a circle, named in full. The first of them is the result.
Result<Graph> build_graph(const PipelineSpec& spec, const SqlReferences& references);
/// The same with all errors; nothing if there was one.
std::optional<Graph> build_graph(const PipelineSpec& spec, const SqlReferences& references, ErrorList& errors);

}  // namespace mainstem::pipeline
