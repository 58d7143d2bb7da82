#include "app/inspect/quarantine.h"

#include <fmt/format.h>

#include "app/inspect/compute.h"
#include "app/prepare.h"
#include "connector/table.h"

namespace mainstem::app::inspect {
namespace {

constexpr const char* kSource = "quarantine";
constexpr const char* kModel = "quarantined_rows";

std::string query_for(const std::string& pipeline, const std::string& run_id) {
  auto sql = fmt::format(
      "select quarantined_at, run_id, step, object, line, column_name, code, reason, record from {} where pipeline = "
      "{}",
      kSource, connector::quote_literal(pipeline));
  if (!run_id.empty()) sql += " and run_id = " + connector::quote_literal(run_id);
  return sql + " order by run_id desc, step, object, line";
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> quarantined_rows(RunContext& context, const Services& services,
                                                       const pipeline::Project& project,
                                                       const pipeline::PipelineSpec& spec,
                                                       const QuarantineRequest& request) {
  // The planner stages quarantined rows beside the first target.
  const auto& target = spec.targets.front();
  MS_ASSIGN(const auto connections, open_connections(services, project, {target.to}));
  MS_ASSIGN(auto* sink, connections->sink(target.to));
  const auto place = sink->quarantine_place(write_request(spec, target));
  pipeline::PipelineSpec reading{.name = "quarantine"};
  pipeline::SourceSpec source{.name = kSource, .from = target.to, .table = place.table};
  source.options = place.source_options;
  reading.sources.push_back(std::move(source));
  reading.transforms.push_back(
      {.name = kModel, .description = "", .sql = {.text = query_for(spec.name, request.run_id), .generated = true}});
  auto rows = compute(context, services, project, reading, {.model = kModel, .limit = request.limit, .given = nullptr});
  if (rows || rows.error().code() != ErrorCode::not_found) return rows;
  return std::move(rows).error().hint(fmt::format("no row of {} has gone to quarantine in {}", spec.name, place.name));
}

}  // namespace mainstem::app::inspect
