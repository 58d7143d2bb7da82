#include "pipeline/schema.h"

#include <algorithm>
#include <memory>

#include "base/json.h"
#include "config/json_schema.h"
#include "config/reference_page.h"
#include "pipeline/checks.h"
#include "pipeline/spec_fields.h"
#include "pipeline/steps.h"

namespace mainstem::pipeline {
namespace {

using connector::ConnectorSpec;

void begin_document(JsonWriter& json, const char* title) {
  json.begin_object().member("$schema", "https://json-schema.org/draft/2020-12/schema").member("title", title);
}

std::string end_document(JsonWriter& json) {
  json.end_object();
  return json.take() + "\n";
}

// One branch for each type: "if type is X then these options and no others". Then editors complete the right ones.
void write_connection(JsonWriter& json, const std::vector<ConnectorSpec>& connectors) {
  std::vector<std::string> types;
  for (const auto& connector : connectors) types.push_back(connector.name);
  json.begin_object().member("type", "object").member("required", std::vector<std::string>{"type"});
  json.key("properties").begin_object().key("type").begin_object();
  json.member("description", "Kind of system.").member("enum", types).end_object().end_object();
  json.key("allOf").begin_array();
  for (const auto& connector : connectors) {
    json.begin_object().key("if").begin_object().key("properties").begin_object().key("type").begin_object();
    json.member("const", connector.name).end_object().end_object().end_object();
    json.key("then").begin_object().member("description", connector.title + ": " + connector.summary);
    json.member("additionalProperties", false).key("properties").begin_object();
    json.key("type").begin_object().end_object();
    if (connector.connection_options) config::write_each_property(json, *connector.connection_options);
    json.end_object().end_object().end_object();
  }
  json.end_array().end_object();
}

// The map of connections, whose items depend on their type; everything else is in the table.
void write_project_option(JsonWriter& json, const config::Option& option,
                          const std::vector<ConnectorSpec>& connectors) {
  json.key(option.name);
  if (option.name != "connections") return config::write_option_schema(json, option);
  json.begin_object().member("description", option.doc).member("type", "object").key("additionalProperties");
  write_connection(json, connectors);
  json.end_object();
}

// Our own options followed by those of all connectors, each name once.
std::shared_ptr<config::OptionTable> with_connectors(const config::OptionTable& own,
                                                     const std::vector<ConnectorSpec>& connectors,
                                                     std::shared_ptr<const config::OptionTable> ConnectorSpec::* side) {
  auto all = std::make_shared<config::OptionTable>(own);
  for (const auto& connector : connectors) {
    if (!(connector.*side)) continue;
    for (auto option : (connector.*side)->options) {
      if (all->find(option.name) != nullptr) continue;
      // Another connector may have an option of this name with other values.
      config::Option loose{.name = option.name, .type = "any", .doc = option.doc + " (" + connector.title + ")"};
      loose.examples = std::move(option.examples);
      all->options.push_back(std::move(loose));
    }
  }
  return all;
}

}  // namespace

std::string project_schema(const std::vector<ConnectorSpec>& connectors) {
  JsonWriter json(2);
  begin_document(json, "Mainstem project (mainstem.yaml)");
  json.member("type", "object").member("additionalProperties", false).key("properties").begin_object();
  for (const auto& option : project_fields().table().options) write_project_option(json, option, connectors);
  json.end_object().member("required", std::vector<std::string>{"project"});
  return end_document(json);
}

std::string pipeline_schema(const std::vector<ConnectorSpec>& connectors) {
  auto table = pipeline_fields().table();
  for (auto& option : table.options) {
    if (option.name == "sources")
      option.nested = with_connectors(*option.nested, connectors, &ConnectorSpec::source_options);
    if (option.name == "targets")
      option.nested = with_connectors(*option.nested, connectors, &ConnectorSpec::target_options);
  }
  return config::json_schema(table, "Mainstem pipeline (pipelines/*.yaml)");
}

std::string test_schema() {
  JsonWriter json(2);
  begin_document(json, "Mainstem tests (tests/*.yaml)");
  json.key("$defs").begin_object().key("test").begin_object();
  json.member("type", "object").member("additionalProperties", false);
  config::write_properties(json, test_fields().table());
  json.end_object().end_object();
  // One test or a list of them.
  json.key("anyOf").begin_array();
  json.begin_object().member("$ref", "#/$defs/test").end_object();
  json.begin_object().member("type", "array").key("items").begin_object().member("$ref", "#/$defs/test").end_object();
  json.end_object().end_array();
  return end_document(json);
}

std::string language_page() {
  return "# mainstem.yaml\n\n" + config::reference_table(project_fields().table()) +
         "\nA connection has a `type` and the options of its connector.\n\n"
         "In values, `${env:NAME}`, `${file:path}` and `${param:name}` stand for what they name, and "
         "`${env:NAME:-default}` for a default where it is missing. `$${` stands for `${` itself.\n\n# "
         "pipelines/*.yaml\n\n" +
         config::reference_table(pipeline_fields().table()) +
         "\nSources and targets also take the options of the connector behind their connection.\n\n# models/*.sql\n\n"
         "The comment that an SQL file begins with may hold YAML with these keys.\n\n" +
         config::reference_table(sql_header_fields().table()) + "\n# tests/*.yaml\n\n" +
         config::reference_table(test_fields().table());
}

}  // namespace mainstem::pipeline
