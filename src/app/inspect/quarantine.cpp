#include "app/inspect/quarantine.h"

#include <fmt/format.h>
#include <vector>

#include "app/inspect/compute.h"
#include "app/inspect/memory_tables.h"
#include "app/kept_quarantine.h"
#include "app/prepare.h"
#include "connector/table.h"
#include "plan/targets.h"

namespace mainstem::app::inspect {
namespace {

constexpr const char* kPublished = "published_rows";
constexpr const char* kKept = "kept_rows";
constexpr const char* kModel = "quarantined_rows";

std::string query_for(const std::string& pipeline, const QuarantineRequest& request,
                      const std::vector<pipeline::SourceSpec>& sources) {
  std::vector<std::string> parts;
  for (const auto& source : sources)
    parts.push_back(fmt::format("select *, {} as published from {}", source.name == kPublished, source.name));
  auto sql = fmt::format(
      "select quarantined_at, run_id, published, step, object, line, column_name, code, reason, record from ({}) "
      "where pipeline = {}",
      fmt::join(parts, " union all "), connector::quote_literal(pipeline));
  if (!request.run_id.empty()) sql += " and run_id = " + connector::quote_literal(request.run_id);
  return sql + " order by run_id desc, step, object, line";
}

// The pipeline that reads the sources given, in one order.
pipeline::PipelineSpec reading(const std::string& pipeline, const QuarantineRequest& request,
                               std::vector<pipeline::SourceSpec> sources) {
  pipeline::PipelineSpec spec{.name = "quarantine"};
  spec.transforms.push_back(
      {.name = kModel, .description = "", .sql = {.text = query_for(pipeline, request, sources), .generated = true}});
  spec.sources = std::move(sources);
  return spec;
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> quarantined_rows(RunContext& context, const Services& services,
                                                       const pipeline::Project& project,
                                                       const pipeline::PipelineSpec& spec,
                                                       const QuarantineRequest& request) {
  MS_ASSIGN(const auto kept, KeptQuarantine(project, spec.name).rows(context.context(), request.run_id, request.limit));
  auto memory = std::make_shared<MemoryTables>();
  std::vector<pipeline::SourceSpec> sources;
  if (kept != nullptr) {
    memory->put(kKept, kept);
    sources.push_back({.name = kKept, .from = kMemoryConnection, .table = kKept});
  }
  const auto& target = plan::quarantine_target(spec);
  MS_ASSIGN(const auto connections, open_connections(services, project, {target.to}));
  MS_ASSIGN(auto* sink, connections->sink(target.to));
  const auto place = sink->quarantine_place(write_request(spec, target));
  auto all = sources;
  all.push_back({.name = kPublished, .from = target.to, .table = place.table});
  all.back().options = place.source_options;
  const ComputeRequest wanted{.model = kModel, .limit = request.limit, .given = memory};
  auto rows = compute(context, services, project, reading(spec.name, request, std::move(all)), wanted);
  if (rows || rows.error().code() != ErrorCode::not_found) return rows;
  if (!sources.empty())
    return compute(context, services, project, reading(spec.name, request, std::move(sources)), wanted);
  return std::move(rows).error().hint(fmt::format("no row of {} has gone to quarantine in {}", spec.name, place.name));
}

}  // namespace mainstem::app::inspect
