#include "app/inspect/compute.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "app/prepare.h"
#include "base/units.h"
#include "pipeline/error_list.h"
#include "run/executor.h"

namespace mainstem::app::inspect {
namespace {

constexpr const char* kResult = "result";

// The pipeline cut down to what gives the model, with the memory as its only target.
pipeline::PipelineSpec cut_down(const pipeline::PipelineSpec& whole, const ComputeRequest& request) {
  auto spec = whole;
  for (auto& source : spec.sources) {
    source.checks.clear();
    source.incremental.reset();
  }
  for (auto& model : spec.transforms) model.checks.clear();
  auto name = request.model;
  if (request.limit >= 0) {
    name = "first rows of " + request.model;
    spec.transforms.push_back(
        {.name = name,
         .description = "",
         .sql = {.text = fmt::format("select * from {} limit {}", request.model, request.limit), .generated = true}});
  }
  spec.targets = {{.model = name, .to = kMemoryConnection, .table = kResult}};
  spec.publish = pipeline::Publish::together;
  // Bad rows are for runs to judge.
  spec.budget = {.fraction = 1, .rows = 0};
  return spec;
}

Error unknown_model(const pipeline::PipelineSpec& spec, const std::string& model) {
  std::vector<std::string> known;
  for (const auto& source : spec.sources) known.push_back(source.name);
  for (const auto& transform : spec.transforms) known.push_back(transform.name);
  return Error(ErrorCode::invalid_config, fmt::format("'{}' is neither a source nor a model of this pipeline", model))
      .hint(pipeline::suggestion(model, known));
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> compute(RunContext& context, const Services& services,
                                              const pipeline::Project& project, const pipeline::PipelineSpec& spec,
                                              const ComputeRequest& request) {
  const auto tables = request.given == nullptr ? std::make_shared<MemoryTables>() : request.given;
  auto connectors = services.connectors;
  connectors.push_back(memory_connector(tables));
  const Services extended{.connectors = connectors,
                          .engine = services.engine,
                          .clock = services.clock,
                          .log = services.log,
                          .cancellation = services.cancellation,
                          .environment_variable = services.environment_variable,
                          .on_point = {}};
  if (spec.find_source(request.model) == nullptr && spec.find_transform(request.model) == nullptr)
    return unknown_model(spec, request.model);
  auto with_memory = project;
  with_memory.connections.push_back({.name = kMemoryConnection, .type = kMemoryType});
  const auto part = cut_down(spec, request);
  MS_ASSIGN(auto prepared, prepare(context.context(), extended, with_memory, part, {}));
  run::Progress progress;
  const run::Environment environment{.context = context.context(),
                                     .engine = services.engine,
                                     .connections = *prepared.connections,
                                     .progress = progress,
                                     .limits = context.engine_limits(),
                                     .unpublished_quarantine = {}};
  auto result = run::execute(environment, prepared.plan, std::move(prepared.reads), "compute");
  if (result.error) return *std::move(result.error);
  if (result.rows_quarantined > 0)
    services.log.warn(counted(result.rows_quarantined, "row") + " cannot be read and " +
                      (result.rows_quarantined == 1 ? "is" : "are") + " left out; the first is " +
                      result.first_quarantined);
  auto table = tables->find(kResult);
  if (table == nullptr) return Error(ErrorCode::internal, "a computed table did not arrive");
  return table;
}

}  // namespace mainstem::app::inspect
