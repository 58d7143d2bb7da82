#include "config/json_schema.h"

#include <string_view>

namespace mainstem::config {
namespace {

constexpr std::string_view kReferencePattern = R"(\$\{)";

std::string_view without(std::string_view type, std::string_view prefix) { return type.substr(prefix.size()); }

void write_string(JsonWriter& json, std::string_view pattern = {}) {
  json.member("type", "string");
  if (!pattern.empty()) json.member("pattern", pattern);
}

// Anything that is not text by nature may also be a reference, which is text until it is expanded.
void begin_alternatives(JsonWriter& json) { json.key("anyOf").begin_array().begin_object(); }
void end_alternatives(JsonWriter& json) {
  json.end_object().begin_object();
  write_string(json, kReferencePattern);
  json.end_object().end_array();
}

void write_object(JsonWriter& json, const OptionTable& table) {
  json.member("type", "object").member("additionalProperties", false);
  write_properties(json, table);
}

void write_bounds(JsonWriter& json, const Option& option) {
  if (option.min) json.member("minimum", *option.min);
  if (option.max) json.member("maximum", *option.max);
}

void write_type(JsonWriter& json, std::string_view type, const Option& option);

void write_list(JsonWriter& json, std::string_view item, const Option& option) {
  json.key("anyOf").begin_array().begin_object().member("type", "array").key("items").begin_object();
  write_type(json, item, option);
  json.end_object().end_object().begin_object();
  write_type(json, item, option);
  json.end_object().end_array();
}

void write_scalar(JsonWriter& json, std::string_view type, const Option& option) {
  if (!option.choices.empty()) {
    begin_alternatives(json);
    json.member("enum", option.choices);
    return end_alternatives(json);
  }
  if (type == "integer" || type == "number" || type == "boolean") {
    begin_alternatives(json);
    json.member("type", type);
    write_bounds(json, option);
    return end_alternatives(json);
  }
  if (type == "duration") return write_string(json, R"(^\s*([0-9]+\s*(ms|s|m|h|d|w)\s*)+$|\$\{)");
  if (type == "secret") {
    write_string(json);
    json.member("writeOnly", true);
    return;
  }
  // Text and sizes: editors read an unquoted 12 as a number.
  json.member("type", std::vector<std::string>{"string", "number", "boolean"});
  if (type == "size") json.member("pattern", R"(^\s*[0-9]+\s*(([KkMmGgTt][Ii]?)?[Bb])?\s*$|\$\{)");
}

void write_type(JsonWriter& json, std::string_view type, const Option& option) {
  constexpr std::string_view kList = "list of ";
  constexpr std::string_view kMap = "map of ";
  if (type == "any") return;
  if (type.starts_with(kList)) return write_list(json, without(type, kList), option);
  if (type.starts_with(kMap)) {
    json.member("type", "object").key("additionalProperties").begin_object();
    write_type(json, without(type, kMap), option);
    json.end_object();
    return;
  }
  if (type != "table") return write_scalar(json, type, option);
  if (option.nested)
    write_object(json, *option.nested);
  else
    json.member("type", "object");
}

std::string description(const Option& option) {
  std::string text = option.doc;
  if (!option.unit.empty()) text += " Unit: " + option.unit + ".";
  if (!option.since.empty()) text += " Since " + option.since + ".";
  return text;
}

void write_default(JsonWriter& json, const Option& option) {
  json.key("default");
  const bool plain = option.type == "integer" || option.type == "number" || option.type == "boolean";
  if (plain)
    json.raw(option.default_text);
  else
    json.value(option.default_text);
}

}  // namespace

void write_option_schema(JsonWriter& json, const Option& option) {
  json.begin_object();
  if (!option.doc.empty()) json.member("description", description(option));
  write_type(json, option.type, option);
  // The default of a list is its written form, which is not a list in JSON.
  if (!option.default_text.empty() && !option.type.starts_with("list")) write_default(json, option);
  if (!option.examples.empty()) json.member("examples", option.examples);
  json.end_object();
}

void write_each_property(JsonWriter& json, const OptionTable& table) {
  for (const auto& option : table.options) {
    json.key(option.name);
    write_option_schema(json, option);
  }
}

void write_properties(JsonWriter& json, const OptionTable& table) {
  json.key("properties").begin_object();
  write_each_property(json, table);
  json.end_object();
  std::vector<std::string> required;
  for (const auto& option : table.options)
    if (option.required) required.push_back(option.name);
  if (!required.empty()) json.member("required", required);
}

std::string json_schema(const OptionTable& table, const std::string& title) {
  JsonWriter json(2);
  json.begin_object().member("$schema", "https://json-schema.org/draft/2020-12/schema").member("title", title);
  write_object(json, table);
  json.end_object();
  return json.take() + "\n";
}

}  // namespace mainstem::config
