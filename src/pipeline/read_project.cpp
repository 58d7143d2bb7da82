#include "pipeline/read_project.h"

#include <algorithm>
#include <fmt/format.h>

#include "config/yaml.h"
#include "pipeline/error_list.h"
#include "pipeline/files.h"
#include "pipeline/spec_fields.h"

namespace mainstem::pipeline {
namespace {

using config::Node;

const std::string* find_text(const NamedTexts& texts, std::string_view name) {
  auto it = std::ranges::find(texts, name, &std::pair<std::string, std::string>::first);
  return it == texts.end() ? nullptr : &it->second;
}

Error unknown(const char* what, const std::string& name, const std::vector<std::string>& known) {
  return Error(ErrorCode::invalid_config, fmt::format("unknown {} '{}'", what, name)).hint(suggestion(name, known));
}

Result<Node> read_file(const std::string& directory) {
  const auto path = join_path(directory, "mainstem.yaml");
  auto node = read_yaml_file(path);
  if (!node && node.error().code() == ErrorCode::not_found)
    return Error(ErrorCode::invalid_config, node.error().message())
        .hint("run this in a project folder, or make one with 'mainstem init'");
  if (node && !node->is_map())
    return Error(ErrorCode::invalid_config, "the project file is empty or not a map")
        .at({.file = path, .line = 1, .column = 1})
        .hint("begin with 'project: NAME'");
  return node;
}

std::vector<std::string> environment_names(const Node& file) {
  std::vector<std::string> names;
  if (const auto* all = file.find("environments"))
    for (const auto& [name, node] : all->entries()) names.push_back(name);
  return names;
}

Result<void> check_environment(const EnvironmentFile& environment) {
  if (!environment.connections.is_null() && !environment.connections.is_map())
    return config::wrong_type(environment.connections, "a map of connections");
  return config::check_keys(environment.defaults, defaults_fields().table());
}

// All environments are looked at, so that a mistake in one shows before it is used.
void check_environments(const Node& file, ErrorList& errors) {
  const auto* all = file.find("environments");
  if (all == nullptr || all->is_null()) return;
  if (!all->is_map()) return errors.add(config::wrong_type(*all, "a map of environments"));
  for (const auto& [name, node] : all->entries()) {
    auto read = environment_fields().read(node);
    auto checked = read ? check_environment(*read) : Result<void>(std::move(read).error());
    if (!checked) errors.add(std::move(checked).error().during(fmt::format("reading environment '{}'", name)));
  }
}

// `base` with the entries of `over` put over it: maps entry by entry, everything else as a whole. Places stay those of
// where each value was written.
Node merge(Node base, const Node& over) {
  if (!base.is_map() || !over.is_map()) return over;
  for (const auto& [key, value] : over.entries()) {
    const auto* before = base.find(key);
    base.set(key, before == nullptr ? value : merge(*before, value), over.key_position(key));
  }
  return base;
}

Node put_connections(Node base, const Node& over) {
  if (!base.is_map() || !over.is_map()) return over;
  for (const auto& [name, options] : over.entries()) {
    const auto* before = base.find(name);
    const bool replaces = before == nullptr || options.find("type") != nullptr;
    base.set(name, replaces ? options : merge(*before, options), over.key_position(name));
  }
  return base;
}

// A connection with a `type` of its own replaces the project's, so that no option of another system is left; one
// without changes single options.
Node put_environment(Node file, const Node& environment) {
  for (const std::string key : {"connections", "params", "defaults"}) {
    const auto* over = environment.find(key);
    if (over == nullptr || over->is_null()) continue;
    const auto* before = file.find(key);
    const auto start = before == nullptr ? Node{} : *before;
    auto result = key == "connections" ? put_connections(start, *over) : merge(start, *over);
    const auto position = before == nullptr ? environment.key_position(key) : file.key_position(key);
    file.set(key, std::move(result), position);
  }
  return file;
}

Result<Node> with_environment(Node file, const std::string& name) {
  if (name.empty()) return file;
  const auto* all = file.find("environments");
  const auto* chosen = all == nullptr ? nullptr : all->find(name);
  if (chosen == nullptr)
    return unknown("environment", name, environment_names(file)).at(file.key_position("environments"));
  return put_environment(std::move(file), *chosen);
}

// Sets the value at a dotted path, making maps on the way.
Result<void> put_at(Node& root, std::string_view path, const Node& value) {
  const size_t dot = path.find('.');
  const std::string key(path.substr(0, dot));
  if (key.empty())
    return Error(ErrorCode::invalid_config, "a dotted key has an empty part").hint("write for example defaults.memory");
  if (!root.is_map() && !root.is_null())
    return Error(ErrorCode::invalid_config, "'" + key + "' cannot be set in " + std::string(root.kind_name()));
  if (dot == std::string_view::npos) {
    root.set(key, value, value.position());
    return {};
  }
  const auto position = root.key_position(key);
  const auto* before = root.find(key);
  Node inner = before == nullptr ? Node{} : *before;
  MS_TRY(put_at(inner, path.substr(dot + 1), value));
  root.set(key, std::move(inner), position);
  return {};
}

Result<Node> with_overrides(Node file, const NamedTexts& overrides) {
  for (const auto& [path, text] : overrides) {
    const auto origin = "override " + path;
    MS_ASSIGN(auto value, config::read_yaml(text, origin));
    auto put = put_at(file, path, value);
    if (!put) return std::move(put).error().at({.file = origin});
  }
  return file;
}

Result<void> check_connection(const connector::ConnectorSpec& connector, const Node& options) {
  if (connector.check_connection) return connector.check_connection(options);
  if (connector.connection_options) return config::check_keys(options, *connector.connection_options);
  return {};
}

Result<std::string> read_type_name(const Reading& reading, const Node& node) {
  const auto* type = node.find("type");
  if (type == nullptr || type->is_null())
    return Error(ErrorCode::invalid_config, "'type' is missing")
        .at(node.position())
        .hint("name the kind of system, for example 'type: postgres'");
  MS_ASSIGN(auto name, config::read_text(*type));
  if (reading.find_connector(name) != nullptr) return name;
  return unknown("type of connection", name, names_of(reading.connectors)).at(type->position());
}

Result<void> fill_connection(const Reading& reading, const Node& written, ConnectionSpec& spec) {
  if (!written.is_map()) return config::wrong_type(written, "a map of options");
  static const NamedTexts kNone;
  MS_ASSIGN(auto node, config::expand_references(written, reading.resolver(kNone)));
  MS_ASSIGN(spec.type, read_type_name(reading, node));
  node.take("type");
  spec.options = std::move(node);
  return check_connection(*reading.find_connector(spec.type), spec.options);
}

std::vector<ConnectionSpec> read_connections(const Reading& reading, const Node& node, ErrorList& errors) {
  std::vector<ConnectionSpec> connections;
  if (node.is_null()) return connections;
  if (!node.is_map()) {
    errors.add(config::wrong_type(node, "a map of connections"));
    return connections;
  }
  for (const auto& [name, options] : node.entries()) {
    ConnectionSpec spec{.name = name, .position = node.key_position(name)};
    auto filled = fill_connection(reading, options, spec);
    if (!filled)
      spec.problem = std::move(filled).error().at(spec.position).during(fmt::format("reading connection '{}'", name));
    connections.push_back(std::move(spec));
  }
  return connections;
}

void check_defaults(const Node& file, ErrorList& errors) {
  const auto* defaults = file.find("defaults");
  const auto* timezone = defaults == nullptr ? nullptr : defaults->find("timezone");
  if (timezone == nullptr || timezone->is_null()) return;
  auto checked = check_timezone(*timezone);
  if (!checked) errors.add(std::move(checked).error().during("reading option 'timezone'"));
}

void read_settings(const Reading& reading, const Node& file, Project& project, ErrorList& errors) {
  static const NamedTexts kNone;
  const auto expanded = errors.keep(expand(file, reading.resolver(kNone)));
  if (!expanded) return;
  check_defaults(*expanded, errors);
  if (auto fields = errors.keep(project_fields().read(*expanded))) {
    project.name = std::move(fields->name);
    project.description = std::move(fields->description);
    project.defaults = std::move(fields->defaults);
  }
}

// The file with everything put over it, or nothing.
std::optional<Node> settle(const Reading& reading, ErrorList& errors) {
  auto file = errors.keep(read_file(reading.directory));
  if (!file) return std::nullopt;
  check_environments(*file, errors);
  auto chosen = errors.keep(with_environment(*std::move(file), reading.options.environment));
  if (!chosen) return std::nullopt;
  return errors.keep(with_overrides(*std::move(chosen), reading.options.overrides));
}

}  // namespace

std::optional<std::string> Parameters::find(const std::string& name, const NamedTexts& pipeline_defaults) {
  known_.push_back(name);
  for (const auto* texts : std::initializer_list<const NamedTexts*>{&given_, &pipeline_defaults, &defaults_})
    if (const auto* value = find_text(*texts, name)) return *value;
  return std::nullopt;
}

void Parameters::declare(const NamedTexts& names) {
  for (const auto& [name, value] : names) known_.push_back(name);
}

std::vector<std::string> Parameters::unused() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : given_)
    if (std::ranges::find(known_, name) == known_.end()) names.push_back(name);
  return names;
}

config::Resolver Reading::resolver(const NamedTexts& pipeline_defaults) const {
  config::Resolver resolver{
      .env = [this](const std::string& name) -> std::optional<std::string> {
        if (!options.environment_variable) return std::nullopt;
        return options.environment_variable(name);
      },
      .file = [this](const std::string& path) { return read_text_file(join_path(directory, path)); },
      .param = [this,
                &pipeline_defaults](const std::string& name) { return parameters.find(name, pipeline_defaults); }};
  if (options.without_values)
    resolver.stand_in = [this](Error error) {
      missing.add(std::move(error));
      // Fits texts, secrets and most numbers.
      return std::string("1");
    };
  return resolver;
}

const connector::ConnectorSpec* Reading::find_connector(std::string_view type) const {
  auto it = std::ranges::find(connectors, type, &connector::ConnectorSpec::name);
  return it == connectors.end() ? nullptr : &*it;
}

Result<Node> expand(const Node& node, const config::Resolver& resolver) {
  static const std::vector<std::string> kSqlKeys{"sql", "where", "query", "filter"};
  return config::expand_references(node, resolver, kSqlKeys);
}

Result<NamedTexts> read_params(const Node& file) {
  const auto* params = file.find("params");
  if (params == nullptr) return NamedTexts{};
  MS_ASSIGN_DURING(auto texts, config::Conversion<NamedTexts>::read(*params), "reading option 'params'");
  for (const auto& [name, text] : texts)
    if (text.find("${") != std::string::npos)
      return Error(ErrorCode::invalid_config, fmt::format("the parameter '{}' refers to something else", name))
          .at(params->find(name)->position())
          .hint("write the reference where the value is used, or give the parameter with --param");
  return texts;
}

Project read_project(const Reading& reading, ErrorList& errors) {
  Project project{.directory = reading.directory, .environment = reading.options.environment};
  auto file = settle(reading, errors);
  if (!file) return project;
  project.environments = environment_names(*file);

  // Parameters come first: everything else may refer to them.
  if (auto defaults = errors.keep(read_params(*file))) {
    reading.parameters.declare(*defaults);
    reading.parameters.set_defaults(*std::move(defaults));
  }
  file->take("params");
  const auto connections = file->take("connections");
  file->take("environments");
  // The pipelines are read whatever is wrong with the settings.
  if (const auto* name = file->find("project"); name != nullptr && name->is_scalar()) project.name = name->text();
  read_settings(reading, *file, project, errors);
  project.connections = read_connections(reading, connections, errors);
  return project;
}

}  // namespace mainstem::pipeline
