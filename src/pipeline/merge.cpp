#include "pipeline/merge.h"

#include <string>

namespace mainstem::pipeline {
namespace {

using config::Node;

Node put_connections(Node base, const Node& over) {
  if (!base.is_map() || !over.is_map()) return over;
  for (const auto& [name, options] : over.entries()) {
    const auto* before = base.find(name);
    const bool replaces = before == nullptr || options.find("type") != nullptr;
    base.set(name, replaces ? options : merge(*before, options), over.key_position(name));
  }
  return base;
}

}  // namespace

Node merge(Node base, const Node& over) {
  if (!base.is_map() || !over.is_map()) return over;
  for (const auto& [key, value] : over.entries()) {
    const auto* before = base.find(key);
    base.set(key, before == nullptr ? value : merge(*before, value), over.key_position(key));
  }
  return base;
}

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

}  // namespace mainstem::pipeline
