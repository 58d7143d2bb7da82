#include "app/inspect/look.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <filesystem>
#include <fmt/format.h>

#include "app/address.h"
#include "app/inspect/compute.h"
#include "columnar/status.h"
#include "format/format.h"
#include "io/output.h"
#include "observability/context.h"
#include "pipeline/sql_text.h"

namespace mainstem::app::inspect {
namespace {

constexpr const char* kQuery = "query";

Result<const connector::ConnectorSpec*> spec_of(const Services& services, const pipeline::ConnectionSpec& connection) {
  const auto spec = std::ranges::find(services.connectors, connection.type, &connector::ConnectorSpec::name);
  if (spec == services.connectors.end())
    return Error(ErrorCode::invalid_config, fmt::format("unknown connection type '{}'", connection.type))
        .at(connection.position);
  return &*spec;
}

Result<std::vector<connector::TableInfo>> discover_in(Context& context, const connector::ConnectorSpec& spec,
                                                      const config::Node& options, const std::string& pattern) {
  if (!spec.make_source || !spec.capabilities.discover)
    return Error(ErrorCode::unsupported, fmt::format("{} cannot list its tables", spec.title));
  MS_ASSIGN(const auto source, spec.make_source(options));
  return source->discover(context, pattern);
}

// The one table of an address with options of its own, read as these say.
Result<std::vector<connector::TableInfo>> look_at(Context& context, const ResolvedAddress& resolved,
                                                  const std::string& path) {
  MS_ASSIGN(const auto source, resolved.spec->make_source(resolved.address.connection));
  MS_ASSIGN(const auto read, source->plan_read(context, {.name = path,
                                                         .table = resolved.address.table,
                                                         .options = resolved.address.table_options,
                                                         .columns = {},
                                                         .where = {},
                                                         .cursor = {},
                                                         .declared = nullptr,
                                                         .snapshot = {}}));
  const auto& plan = read->plan();
  return std::vector<connector::TableInfo>{{.table = {.schema = "", .name = path},
                                            .schema = plan.schema,
                                            .primary_key = {},
                                            .estimate = plan.estimate,
                                            .kind = "file",
                                            .comment = plan.description}};
}

// SQL of the command line.
pipeline::SqlText whole_text(const std::string& sql) {
  return {.text = sql, .place = {.first = {.file = "SQL", .line = 1, .column = 1}, .next_column = 1}};
}

// Tables that a query names by their address, as in: select * from 'orders.csv'
Result<void> add_quoted_addresses(const Services& services, const pipeline::SqlText& sql,
                                  std::vector<NamedAddress>& tables) {
  MS_ASSIGN(const auto analyzer, services.engine.open_analyzer());
  auto references = analyzer->references(sql.text);
  if (!references) return pipeline::placed(sql, std::move(references).error());
  for (const auto& reference : *references) {
    const bool dotted = !reference.schema.empty();
    const auto name = dotted ? reference.schema + "." + reference.name : reference.name;
    if (!dotted && std::ranges::find(tables, name, &NamedAddress::name) != tables.end()) continue;
    std::error_code ignored;
    const bool address = name.find_first_of("./:") != std::string::npos || std::filesystem::exists(name, ignored);
    if (dotted || !address)
      return Error(ErrorCode::invalid_config, fmt::format("'{}' is no table of this query", name))
          .at(pipeline::place_of_name(sql, dotted ? reference.schema : name))
          .hint(dotted
                    ? fmt::format("quote the address of a file or table: '{}'", name)
                    : fmt::format("say what it is: --table {}=ADDRESS, or quote its address: from 'orders.csv'", name));
    tables.push_back({.name = reference.name, .address = reference.name});
  }
  return {};
}

}  // namespace

Result<std::vector<connector::TableInfo>> discover(Context& context, const Services& services,
                                                   const pipeline::Project& project, const std::string& connection,
                                                   const std::string& pattern) {
  MS_ASSIGN(const auto* named, project.connection(connection));
  MS_ASSIGN(const auto* spec, spec_of(services, *named));
  return discover_in(context, *spec, named->options, pattern);
}

Result<std::vector<connector::TableInfo>> discover_address(Context& context, const Services& services,
                                                           const std::string& address) {
  MS_ASSIGN(const auto resolved, resolve_address(address, services.connectors));
  auto pattern = resolved.address.table;
  if (const auto* path = resolved.address.table_options.find("path"); path != nullptr && pattern.empty()) {
    pattern = path->text();
    if (resolved.address.table_options.entries().size() > 1) return look_at(context, resolved, pattern);
  }
  return discover_in(context, *resolved.spec, resolved.address.connection, pattern);
}

Result<std::shared_ptr<arrow::Table>> query(RunContext& context, const Services& services,
                                            std::vector<NamedAddress> tables, const std::string& sql,
                                            int64_t max_rows) {
  const auto text = whole_text(sql);
  MS_TRY(add_quoted_addresses(services, text, tables));
  pipeline::Project project{.name = "query", .directory = "."};
  pipeline::PipelineSpec spec{.name = "query"};
  for (const auto& table : tables) {
    MS_ASSIGN(const auto resolved, resolve_address(table.address, services.connectors));
    const auto connection = "at_" + table.name;
    project.connections.push_back(
        {.name = connection, .type = resolved.spec->name, .options = resolved.address.connection});
    pipeline::SourceSpec source{.name = table.name, .from = connection, .table = resolved.address.table};
    source.options = resolved.address.table_options;
    spec.sources.push_back(std::move(source));
  }
  spec.transforms.push_back({.name = kQuery, .description = "", .sql = text});
  return compute(context, services, project, spec, {.model = kQuery, .limit = max_rows, .given = nullptr});
}

Result<std::shared_ptr<arrow::Table>> query_connection(RunContext& context, const Services& services,
                                                       const pipeline::Project& project, const RemoteQuery& query) {
  MS_ASSIGN(const auto* named, project.connection(query.connection));
  MS_ASSIGN(const auto* spec, spec_of(services, *named));
  if (spec->source_options == nullptr || spec->source_options->find("query") == nullptr)
    return Error(ErrorCode::unsupported, fmt::format("{} takes no queries", spec->title))
        .hint("without --on the query runs here: mainstem query SQL --table name=path");
  pipeline::PipelineSpec pipeline{.name = "query"};
  pipeline::SourceSpec source{.name = kQuery, .from = query.connection};
  source.options.set("query", config::Node::scalar(query.sql, {.file = "query"}));
  pipeline.sources.push_back(std::move(source));
  auto rows =
      compute(context, services, project, pipeline, {.model = kQuery, .limit = query.max_rows, .given = nullptr});
  if (rows || !rows.error().position() || !rows.error().position()->file.empty()) return rows;
  // What the system says of the query; that it is a source by name is ours.
  const auto& error = rows.error();
  return pipeline::placed(whole_text(query.sql),
                          Error(error.code(), error.message()).hint(error.hint()).at(*error.position()));
}

Result<void> write_formatted(Context& context, const arrow::Table& table, const std::string& format) {
  const auto& formats = format::all_formats();
  const auto named = [&](const format::FormatSpec& spec) {
    return spec.name == format || std::ranges::find(spec.extensions, format) != spec.extensions.end();
  };
  const auto spec = std::ranges::find_if(formats, named);
  if (spec == formats.end() || !spec->open_writer) {
    std::vector<std::string> known{"table"};
    for (const auto& one : formats)
      if (one.open_writer) known.push_back(one.name);
    return Error(ErrorCode::invalid_config, fmt::format("unknown output format '{}'", format))
        .hint(fmt::format("known: {}", fmt::join(known, ", ")));
  }
  MS_ASSIGN(const auto output, io::standard_output());
  auto options = config::Node::map({});
  MS_ASSIGN(const auto writer,
            spec->open_writer(context,
                              {.stream = output->stream(), .schema = table.schema(), .options = std::move(options)}));
  arrow::TableBatchReader reader(table);
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    MS_TRY(columnar::from_arrow(reader.ReadNext(&batch)));
    if (batch == nullptr) break;
    MS_TRY(writer->write(*batch));
  }
  MS_TRY(writer->finish());
  MS_TRY(output->seal());
  return output->publish();
}

}  // namespace mainstem::app::inspect
