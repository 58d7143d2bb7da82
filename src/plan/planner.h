#pragma once

#include <arrow/type_fwd.h>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/sink.h"
#include "connector/source.h"
#include "engine/engine.h"
#include "pipeline/graph.h"
#include "pipeline/spec.h"
#include "plan/stage.h"

namespace mainstem::plan {

/// What planning a source's read has found out; from connector::ReadPlan and the connector's capabilities.
struct SourceFacts {
  std::string name;  ///< SourceSpec::name
  connector::ReadRequest request;
  std::shared_ptr<arrow::Schema> schema;
  connector::Estimate estimate;
  std::string description;
  bool filters_cursor = false;  ///< the source itself applies the cursor
  size_t partitions = 1;
  bool unbounded = false;
};

/// What a target's connection says of it without being touched.
struct TargetFacts {
  std::string uri;
  std::optional<connector::Delivery> delivery;  ///< empty = it does not have the mode
  bool group_publish = false;                   ///< several tables become visible together
  connector::QuarantinePlace quarantine;
};

/// All references outlive the call.
struct PlanInput {
  const pipeline::PipelineSpec& spec;
  const pipeline::Graph& graph;
  std::vector<SourceFacts> sources;  ///< of all that `needed_sources` names
  std::function<Result<TargetFacts>(const pipeline::TargetSpec&, const connector::WriteRequest&)> target_facts;
  engine::Analyzer& analyzer;
  bool accept_weaker_delivery = false;  ///< the user accepts rows that a repeated run may double
  std::string environment = {};         ///< chosen; empty = none
  bool stateless = false;               ///< targets keep nothing by which a repeated run is recognized
};

/// The stages of one run, in order. Pure: the same input gives the same plan. Errors, placed in the user's file where
/// it is to blame: invalid_config (SQL, columns, checks, modes that do not fit), invalid_data (a source that breaks its
/// contract), unsupported (a target that cannot keep what the pipeline asks for).
Result<Plan> make_plan(const PlanInput& input);

/// Sources that the targets and their checks need, in the order of the spec. Others are not read.
std::vector<std::string> needed_sources(const pipeline::PipelineSpec& spec, const pipeline::Graph& graph);

/// What a target is called in stages, results and state: as in the spec, with its connection before it where two
/// connections have tables of one name.
std::string target_name(const pipeline::PipelineSpec& spec, const pipeline::TargetSpec& target);

/// The types that a source's contract declares, for connector::ReadRequest::declared; null if it declares none.
/// Errors: invalid_config, placed.
Result<std::shared_ptr<arrow::Schema>> declared_schema(const pipeline::SourceSpec& source, engine::Analyzer& analyzer);

}  // namespace mainstem::plan
