#include "app/prepare.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "app/project.h"
#include "app/published_positions.h"
#include "app/schema_history.h"
#include "columnar/schema_union.h"
#include "pipeline/error_list.h"
#include "pipeline/sql_text.h"
#include "pipeline/validate.h"
#include "plan/planner.h"

namespace mainstem::app {
namespace {

using pipeline::PipelineSpec;
using pipeline::SourceSpec;
using pipeline::TargetSpec;

// Connections that a run of the pipeline touches.
std::vector<std::string> used_connections(const PipelineSpec& spec, const std::vector<std::string>& sources) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const auto& name : sources) add(spec.find_source(name)->from);
  for (const auto& target : spec.targets) add(target.to);
  return names;
}

// Where each source of the pipeline stands.
using Positions = std::map<std::string, columnar::Position>;

// Where in the pipeline's file the column stands that an error names, else the source.
FilePosition place_in(const SourceSpec& source, const Error& error) {
  const auto names = [&](const std::string& column) {
    return error.message().find("'" + column + "'") != std::string::npos;
  };
  for (const auto& column : source.contract.columns)
    if (names(column.name)) return column.position;
  if (source.incremental && names(source.incremental->cursor)) return source.incremental->position;
  return source.position;
}

// An error of opening a source that the user's files have caused, with its place in them.
Error placed(const SourceSpec& source, Error error) {
  const auto* query = source.options.find("query");
  const bool in_query = query != nullptr && error.position() && query->text_place().first.line > 0;
  if (in_query) return pipeline::placed({.text = query->text(), .place = query->text_place()}, std::move(error));
  const bool by_the_files = error.code() == ErrorCode::invalid_config || error.code() == ErrorCode::not_found;
  if (!by_the_files) return error;
  auto place = place_in(source, error);
  return std::move(error).at(std::move(place));
}

// Types are found out from values: a file with a header only has none.
bool has_no_rows(const plan::SourceFacts& source) {
  return source.estimate.rows == 0 && source.request.declared == nullptr;
}

Error with_types_unknown(const std::string& source, Error error) {
  auto hint = fmt::format("source '{}' has no rows to find types from: declare them in its contract", source);
  if (!error.hint().empty()) hint += "; else " + error.hint();
  return std::move(error).hint(std::move(hint));
}

class Preparation {
 public:
  Preparation(Context& context, const Services& services, const pipeline::Project& project, const PipelineSpec& spec,
              const PrepareOptions& options)
      : context_(context), services_(services), project_(project), spec_(spec), options_(options) {}

  Result<Prepared> run() {
    MS_ASSIGN(analyzer_, services_.engine.open_analyzer());
    MS_ASSIGN(prepared_.graph,
              pipeline::build_graph(spec_, [this](const std::string& sql) { return analyzer_->references(sql); }));
    prepared_.warnings = pipeline::references_to_news(spec_, prepared_.graph);
    const auto sources = plan::needed_sources(spec_, prepared_.graph);
    MS_ASSIGN(prepared_.connections, open_connections(services_, project_, used_connections(spec_, sources)));
    // Sources may have to know that their system is written, too.
    for (const auto& target : spec_.targets) MS_TRY(prepared_.connections->sink(target.to));
    const bool incremental = std::ranges::any_of(
        sources, [this](const std::string& name) { return spec_.find_source(name)->incremental.has_value(); });
    const bool appends = std::ranges::any_of(
        spec_.targets, [](const TargetSpec& target) { return target.mode == connector::WriteMode::append; });
    const bool by_cursor = incremental && !options_.full;
    if (!options_.stateless && (by_cursor || appends)) {
      PublishedPositions published(project_, spec_, prepared_.graph);
      MS_TRY(published.load(context_, *prepared_.connections));
      if (by_cursor) MS_TRY(start_behind(published, sources));
      prepared_.cursors = published.cursors();
      prepared_.full_reads = published.full_reads();
    }
    std::vector<plan::SourceFacts> facts;
    for (const auto& name : sources) {
      const auto& source = *spec_.find_source(name);
      if (options_.progress != nullptr) options_.progress->set_phase("looking at source " + name);
      auto fact = open_source(source);
      if (!fact) return placed(source, std::move(fact).error()).during("opening source " + name);
      facts.push_back(*std::move(fact));
    }
    const auto empty = std::ranges::find_if(facts, has_no_rows);
    const auto without_rows = empty == facts.end() ? "" : empty->name;
    auto plan = make_plan(std::move(facts));
    if (!plan && !without_rows.empty()) return with_types_unknown(without_rows, std::move(plan).error());
    MS_ASSIGN(prepared_.plan, std::move(plan));
    MS_TRY(check_targets());
    return std::move(prepared_);
  }

 private:
  Result<void> start_behind(const PublishedPositions& published, const std::vector<std::string>& sources) {
    for (const auto& name : sources) {
      MS_ASSIGN(const auto position, published.find(name));
      if (position) positions_.emplace(name, *position);
    }
    return {};
  }

  Result<connector::ReadRequest> read_request(const SourceSpec& source) {
    connector::ReadRequest request{.name = source.name,
                                   .table = source.table,
                                   .options = source.options,
                                   .columns = source.columns,
                                   .where = source.where,
                                   .cursor = {},
                                   .declared = nullptr,
                                   .snapshot = {}};
    MS_ASSIGN(request.declared, plan::declared_schema(source, *analyzer_));
    if (!source.incremental) return request;
    request.cursor = connector::CursorRange{
        .column = source.incremental->cursor, .after = {}, .lookback = source.incremental->lookback};
    if (const auto it = positions_.find(source.name); it != positions_.end()) request.cursor->after = it->second;
    return request;
  }

  // Columns without a value for once keep the type of the last run: a delivery without rows says nothing of types.
  Result<std::unique_ptr<connector::PlannedRead>> plan_read(connector::Source& side, connector::ReadRequest& request) {
    MS_ASSIGN(auto read, side.plan_read(context_, request));
    const auto no_values = [](const auto& field) { return columnar::is_without_values(*field); };
    if (options_.stateless || std::ranges::none_of(read->plan().schema->fields(), no_values)) return read;
    auto ledger = existing_ledger(project_);
    if (!ledger) return read;
    SchemaHistory history(*ledger, {.pipeline = spec_.name, .environment = project_.environment});
    MS_ASSIGN(auto fields, history.types_without_values(request.name, *read->plan().schema));
    if (fields.empty()) return read;
    if (request.declared != nullptr)
      fields.insert(fields.end(), request.declared->fields().begin(), request.declared->fields().end());
    request.declared = arrow::schema(std::move(fields));
    read.reset();
    return side.plan_read(context_, request);
  }

  Result<plan::SourceFacts> open_source(const SourceSpec& source) {
    if (!source.where.empty() && !prepared_.connections->spec(source.from)->capabilities.predicate)
      return Error(ErrorCode::unsupported,
                   fmt::format("{} takes no 'where'", prepared_.connections->spec(source.from)->title))
          .at(source.position)
          .hint("write the condition into a model's SQL");
    MS_ASSIGN(auto request, read_request(source));
    MS_ASSIGN(auto* side, prepared_.connections->source(source.from));
    MS_ASSIGN(auto read, plan_read(*side, request));
    const auto& found = read->plan();
    if (request.cursor && found.schema->GetFieldIndex(request.cursor->column) < 0)
      return Error(ErrorCode::invalid_config,
                   fmt::format("cursor column '{}' is not in the source", request.cursor->column))
          .hint(pipeline::suggestion(request.cursor->column, found.schema->field_names()));
    const auto& capabilities = prepared_.connections->spec(source.from)->capabilities;
    if (request.cursor)
      MS_TRY(
          pipeline::check_lookback(*source.incremental, *found.schema->GetFieldByName(request.cursor->column)->type()));
    plan::SourceFacts facts{.name = source.name,
                            .request = std::move(request),
                            .schema = found.schema,
                            .estimate = found.estimate,
                            .description = found.description,
                            .filters_cursor = capabilities.cursor,
                            .partitions = found.partitions.size(),
                            .unbounded = found.unbounded};
    prepared_.reads.emplace(source.name, std::move(read));
    return facts;
  }

  Result<plan::Plan> make_plan(std::vector<plan::SourceFacts> facts) {
    const auto target_facts = [this](const TargetSpec& target,
                                     const connector::WriteRequest& request) -> Result<plan::TargetFacts> {
      MS_ASSIGN(auto* sink, prepared_.connections->sink(target.to));
      const auto& capabilities = prepared_.connections->spec(target.to)->capabilities;
      return plan::TargetFacts{.uri = sink->uri(request),
                               .delivery = capabilities.delivery(target.mode),
                               .group_publish = capabilities.group_publish,
                               .quarantine = sink->quarantine_place(request)};
    };
    return plan::make_plan({.spec = spec_,
                            .graph = prepared_.graph,
                            .sources = std::move(facts),
                            .target_facts = target_facts,
                            .analyzer = *analyzer_,
                            .accept_weaker_delivery = options_.accept_weaker_delivery,
                            .environment = project_.environment,
                            .stateless = options_.stateless});
  }

  Result<void> check_targets() {
    for (const auto& stage : prepared_.plan.stages) {
      const auto* target = std::get_if<plan::StageTarget>(&stage);
      if (target == nullptr) continue;
      MS_ASSIGN(auto* sink, prepared_.connections->sink(target->connection));
      MS_TRY_DURING(sink->check(context_, target->request), "looking at target " + target->name);
    }
    return {};
  }

  Context& context_;
  const Services& services_;
  const pipeline::Project& project_;
  const PipelineSpec& spec_;
  const PrepareOptions& options_;
  std::unique_ptr<engine::Analyzer> analyzer_;
  Positions positions_;
  Prepared prepared_;
};

}  // namespace

connector::WriteRequest write_request(const PipelineSpec& spec, const TargetSpec& target) {
  return {.name = plan::target_name(spec, target),
          .table = target.table,
          .options = target.options,
          .schema = nullptr,
          .mode = target.mode,
          .key = target.key,
          .partition_by = target.partition_by,
          .indexes = target.indexes};
}

Result<std::unique_ptr<run::Connections>> open_connections(const Services& services, const pipeline::Project& project,
                                                           const std::vector<std::string>& names) {
  auto connections = std::make_unique<run::Connections>();
  for (const auto& name : names) {
    MS_ASSIGN(const auto* connection, project.connection(name));
    const auto spec = std::ranges::find(services.connectors, connection->type, &connector::ConnectorSpec::name);
    if (spec == services.connectors.end())
      return Error(ErrorCode::invalid_config,
                   fmt::format("connection '{}' has the unknown type '{}'", name, connection->type))
          .at(connection->position);
    connections->add(name, *spec, connection->options);
  }
  return connections;
}

Result<std::vector<plan::TargetColumn>> lineage(Context& context, const Services& services,
                                                const pipeline::Project& project, const PipelineSpec& spec) {
  MS_ASSIGN(const auto prepared, prepare(context, services, project, spec, {}));
  MS_ASSIGN(const auto analyzer, services.engine.open_analyzer());
  return plan::trace_lineage(prepared.plan, *analyzer);
}

Result<Prepared> prepare(Context& context, const Services& services, const pipeline::Project& project,
                         const PipelineSpec& spec, const PrepareOptions& options) {
  return Preparation(context, services, project, spec, options).run();
}

}  // namespace mainstem::app
