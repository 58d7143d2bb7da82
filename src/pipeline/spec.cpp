#include "pipeline/spec.h"

#include <algorithm>
#include <fmt/format.h>

#include "pipeline/error_list.h"

namespace mainstem::pipeline {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <class T>
Error not_found(const char* what, std::string_view name, const std::vector<T>& all) {
  return Error(ErrorCode::invalid_config, fmt::format("unknown {} '{}'", what, name))
      .hint(suggestion(name, names_of(all)));
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string TargetSpec::name() const {
  if (!table.empty()) return table;
  const auto* path = options.find("path");
  return path != nullptr && path->is_scalar() ? path->text() : model;
}

const SourceSpec* PipelineSpec::find_source(std::string_view wanted) const {
  auto it = std::ranges::find_if(sources, [&](const auto& source) { return same_name(source.name, wanted); });
  return it == sources.end() ? nullptr : &*it;
}

const TransformSpec* PipelineSpec::find_transform(std::string_view wanted) const {
  auto it = std::ranges::find_if(transforms, [&](const auto& model) { return same_name(model.name, wanted); });
  return it == transforms.end() ? nullptr : &*it;
}

Result<const ConnectionSpec*> Project::connection(std::string_view wanted) const {
  auto it = std::ranges::find(connections, wanted, &ConnectionSpec::name);
  if (it == connections.end()) return not_found("connection", wanted, connections);
  if (it->problem) return *it->problem;
  return &*it;
}

Result<const PipelineSpec*> Project::pipeline(std::string_view wanted) const {
  auto it = std::ranges::find(pipelines, wanted, &PipelineSpec::name);
  if (it == pipelines.end()) return not_found("pipeline", wanted, pipelines);
  return &*it;
}

}  // namespace mainstem::pipeline
