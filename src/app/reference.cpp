#include "app/reference.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/json.h"
#include "config/json_schema.h"
#include "config/reference_page.h"
#include "format/format.h"
#include "pipeline/schema.h"

namespace mainstem::app {
namespace {

using connector::ConnectorSpec;
using format::FormatSpec;

std::vector<std::pair<std::string, bool>> abilities(const connector::Capabilities& can) {
  return {{"read", can.read},
          {"write", can.write},
          {"discover", can.discover},
          {"projection", can.projection},
          {"predicate", can.predicate},
          {"cursor", can.cursor},
          {"parallel_read", can.parallel_read},
          {"consistent_snapshot", can.consistent_snapshot},
          {"changes", can.changes},
          {"unbounded", can.unbounded},
          {"group_publish", can.group_publish}};
}

void add_options(std::string& page, const char* title, const std::shared_ptr<const config::OptionTable>& table) {
  if (table == nullptr || table->options.empty()) return;
  page += fmt::format("\n## {}\n\n{}", title, config::reference_table(*table));
}

std::string connector_page(const ConnectorSpec& spec) {
  std::string page = fmt::format("# {}\n\n`type: {}`. {}\n", spec.title, spec.name, spec.summary);
  std::vector<std::string> can;
  for (const auto& [name, has] : abilities(spec.capabilities))
    if (has) can.push_back(name);
  page += fmt::format("\nCan: {}.\n", fmt::join(can, ", "));
  if (!spec.capabilities.writes.empty()) page += "\n| Write mode | A publish is |\n|---|---|\n";
  for (const auto& [mode, delivery] : spec.capabilities.writes)
    page += fmt::format("| `{}` | {} |\n", config::Conversion<connector::WriteMode>::write(mode), to_string(delivery));
  std::vector<std::string> urls;
  for (const auto& scheme : spec.schemes)
    if (!scheme.empty()) urls.push_back("`" + scheme + "://`");
  if (!urls.empty()) page += fmt::format("\nAddresses begin with {}.\n", fmt::join(urls, ", "));
  add_options(page, "Connection options", spec.connection_options);
  add_options(page, "Source options", spec.source_options);
  add_options(page, "Target options", spec.target_options);
  if (!spec.notes.empty()) page += "\n## Notes\n\n" + spec.notes + "\n";
  for (const auto& example : spec.examples) page += fmt::format("\n```yaml\n{}\n```\n", example);
  return page;
}

std::string format_page(const FormatSpec& spec) {
  std::string page = fmt::format("# {}\n\n`format: {}`. File names ending in: {}.\n", spec.title, spec.name,
                                 fmt::join(spec.extensions, ", "));
  add_options(page, "Options when reading", spec.read_options);
  add_options(page, "Options when writing", spec.write_options);
  return page;
}

void write_connector(JsonWriter& json, const ConnectorSpec& spec) {
  json.member("type", spec.name).member("title", spec.title).member("schemes", spec.schemes);
  json.key("capabilities").begin_object();
  for (const auto& [name, has] : abilities(spec.capabilities)) json.member(name, has);
  json.end_object().key("writes").begin_object();
  for (const auto& [mode, delivery] : spec.capabilities.writes)
    json.member(config::Conversion<connector::WriteMode>::write(mode), to_string(delivery));
  json.end_object();
}

void write_format(JsonWriter& json, const FormatSpec& spec) {
  json.member("format", spec.name).member("title", spec.title).member("extensions", spec.extensions);
}

void write_options(JsonWriter& json, const char* name, const std::shared_ptr<const config::OptionTable>& table) {
  json.key(name).begin_object();
  if (table != nullptr) config::write_properties(json, *table);
  json.end_object();
}

std::string connector_json(const ConnectorSpec& spec) {
  JsonWriter json;
  write_connector(json.begin_object(), spec);
  json.member("summary", spec.summary).member("notes", spec.notes).member("examples", spec.examples);
  write_options(json, "connection_options", spec.connection_options);
  write_options(json, "source_options", spec.source_options);
  write_options(json, "target_options", spec.target_options);
  return json.end_object().take();
}

std::string format_json(const FormatSpec& spec) {
  JsonWriter json;
  write_format(json.begin_object(), spec);
  write_options(json, "read_options", spec.read_options);
  write_options(json, "write_options", spec.write_options);
  return json.end_object().take();
}

// What the function for its kind says of the connector or format of that name.
template <class OfConnector, class OfFormat>
Result<std::string> described(const std::vector<ConnectorSpec>& connectors, const std::string& name,
                              OfConnector of_connector, OfFormat of_format) {
  auto known = format_names();
  for (const auto& spec : connectors) {
    if (spec.name == name) return of_connector(spec);
    known.push_back(spec.name);
  }
  for (const auto& spec : format::all_formats())
    if (spec.name == name) return of_format(spec);
  const auto guess = config::nearest(name, known);
  return Error(ErrorCode::invalid_config, fmt::format("no connector or format is called '{}'", name))
      .hint(guess ? fmt::format("did you mean '{}'?", *guess) : fmt::format("known: {}", fmt::join(known, ", ")));
}

}  // namespace

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto& spec : format::all_formats()) names.push_back(spec.name);
  return names;
}

Result<std::string> reference_page(const std::vector<ConnectorSpec>& connectors, const std::string& name) {
  return described(connectors, name, connector_page, format_page);
}

Result<std::string> reference_json(const std::vector<ConnectorSpec>& connectors, const std::string& name) {
  return described(connectors, name, connector_json, format_json);
}

std::string connectors_json(const std::vector<ConnectorSpec>& connectors) {
  JsonWriter json;
  json.begin_object().key("connectors").begin_array();
  for (const auto& spec : connectors) {
    write_connector(json.begin_object(), spec);
    json.end_object();
  }
  json.end_array().key("formats").begin_array();
  for (const auto& spec : format::all_formats()) {
    write_format(json.begin_object(), spec);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

std::vector<std::pair<std::string, std::string>> reference_pages(const std::vector<ConnectorSpec>& connectors) {
  std::vector<std::pair<std::string, std::string>> pages;
  for (const auto& spec : connectors) pages.emplace_back("connectors/" + spec.name + ".md", connector_page(spec));
  for (const auto& spec : format::all_formats()) pages.emplace_back("formats/" + spec.name + ".md", format_page(spec));
  pages.emplace_back("language.md", pipeline::language_page());
  return pages;
}

}  // namespace mainstem::app
