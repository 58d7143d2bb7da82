#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>

#include "app/copy/copy.h"
#include "config/convert.h"
#include "pipeline/spec_fields.h"

namespace mainstem::app::copy {
namespace {

using config::Node;

// A scalar as YAML takes it: in double quotes unless it is a plain word, a number or a path.
std::string yaml_scalar(const std::string& text) {
  const bool plain = !text.empty() && std::isalnum(static_cast<unsigned char>(text[0])) &&
                     std::ranges::all_of(
                         text, [](unsigned char c) { return std::isalnum(c) || std::string_view("_./-").contains(c); });
  if (plain) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + "\"";
}

// A value that a project's files hold as it is: "${" would be read as a reference.
std::string literal(std::string text) {
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, 1, '$');
  return text;
}

std::string yaml_value(const std::string& text) { return yaml_scalar(literal(text)); }

std::string yaml(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::null: return "null";
    case Node::Kind::scalar: return yaml_value(node.text());
    case Node::Kind::list: {
      std::vector<std::string> items;
      for (const auto& item : node.items()) items.push_back(yaml(item));
      return fmt::format("[{}]", fmt::join(items, ", "));
    }
    case Node::Kind::map: {
      std::vector<std::string> entries;
      for (const auto& [key, item] : node.entries()) entries.push_back(yaml_scalar(key) + ": " + yaml(item));
      return fmt::format("{{{}}}", fmt::join(entries, ", "));
    }
  }
  return "null";
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// Options called "path" are paths; commands in a project start from its folder.
Node from_folder(const std::string& key, const Node& value, const std::string& folder) {
  if (key != "path") return value;
  if (value.is_list()) {
    std::vector<Node> items;
    for (const auto& item : value.items()) items.push_back(from_folder(key, item, folder));
    return Node::list(std::move(items));
  }
  const std::filesystem::path path(value.text());
  if (path.empty() || path.is_absolute() || path == "-") return value;
  const auto here = std::filesystem::absolute(path).lexically_normal();
  return Node::scalar(here.lexically_relative(std::filesystem::absolute(folder).lexically_normal()).string());
}

// A password given on the command line is not written down: a reference stands for it.
std::string connection_line(const pipeline::ConnectionSpec& connection, const std::string& folder) {
  std::string options = "type: " + yaml_value(connection.type);
  for (const auto& [key, option] : connection.options.entries()) {
    const bool secret = key == "password" || option.sensitive();
    const auto reference = fmt::format("${{env:{}_{}}}", upper(connection.name), upper(key));
    options += fmt::format(", {}: {}", yaml_scalar(key),
                           secret ? yaml_scalar(reference) : yaml(from_folder(key, option, folder)));
  }
  return fmt::format("  {}: {{{}}}\n", connection.name, options);
}

std::string name_list(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const auto& name : names) quoted.push_back(yaml_value(name));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string source_lines(const pipeline::SourceSpec& source, const std::string& folder) {
  auto text = fmt::format("  {}:\n    from: {}\n", source.name, source.from);
  if (!source.table.empty()) text += fmt::format("    table: {}\n", yaml_value(source.table));
  for (const auto& [key, option] : source.options.entries())
    text += fmt::format("    {}: {}\n", key, yaml(from_folder(key, option, folder)));
  if (!source.key.empty()) text += fmt::format("    key: {}\n", name_list(source.key));
  if (!source.columns.empty()) text += fmt::format("    columns: {}\n", name_list(source.columns));
  if (!source.where.empty()) text += fmt::format("    where: {}\n", yaml_value(source.where));
  if (source.contract.columns.empty()) return text;
  text += "    contract:\n      columns:\n";
  for (const auto& column : source.contract.columns)
    text += fmt::format("        {}: {}\n", yaml_scalar(column.name), yaml_value(column.type));
  return text;
}

std::string target_lines(const pipeline::TargetSpec& target, const std::string& folder) {
  auto text = fmt::format("  - model: {}\n    to: {}\n", target.model, target.to);
  if (!target.table.empty()) text += fmt::format("    table: {}\n", yaml_value(target.table));
  for (const auto& [key, option] : target.options.entries())
    text += fmt::format("    {}: {}\n", key, yaml(from_folder(key, option, folder)));
  text += fmt::format("    mode: {}\n", config::Conversion<connector::WriteMode>::write(target.mode));
  if (!target.key.empty()) text += fmt::format("    key: {}\n", name_list(target.key));
  if (!target.partition_by.empty()) text += fmt::format("    partition_by: {}\n", name_list(target.partition_by));
  return text;
}

}  // namespace

SavedProject save_copy(const CopyPlan& plan, const std::string& folder) {
  SavedProject saved{.project = "project: copy\nconnections:\n", .pipeline = "pipeline: copy\n\nsources:\n"};
  for (const auto& connection : plan.project.connections) saved.project += connection_line(connection, folder);
  const auto& spec = plan.project.pipelines.front();
  for (const auto& source : spec.sources) saved.pipeline += source_lines(source, folder);
  if (!spec.transforms.empty()) saved.pipeline += "\ntransforms:\n";
  for (const auto& model : spec.transforms) {
    auto sql = literal(model.sql.text);
    std::ranges::replace(sql, '\n', ' ');
    saved.pipeline += fmt::format("  {}:\n    sql: |\n      {}\n", model.name, sql);
  }
  saved.pipeline += "\ntargets:\n";
  for (const auto& target : spec.targets) saved.pipeline += target_lines(target, folder);
  if (plan.budget_given)
    saved.pipeline +=
        fmt::format("\nbudget: {{bad_rows: {}}}\n", config::Conversion<pipeline::Budget>::write(spec.budget));
  return saved;
}

}  // namespace mainstem::app::copy
