#include "plan/flow.h"

#include <algorithm>
#include <fmt/format.h>

#include "config/option.h"

namespace mainstem::plan {
namespace {

using pipeline::Graph;
using pipeline::ModelReads;
using pipeline::PipelineSpec;

const ModelReads* reads_of(const Graph& graph, std::string_view name) {
  if (const auto* model = graph.find(name)) return model;
  const auto it =
      std::ranges::find_if(graph.sources, [&](const auto& reads) { return pipeline::same_name(reads.model, name); });
  return it == graph.sources.end() ? nullptr : &*it;
}

Error unknown(const PipelineSpec& spec, const char* what, const std::string& name, const FilePosition& position) {
  std::vector<std::string> names;
  for (const auto& source : spec.sources) names.push_back(source.name);
  for (const auto& model : spec.transforms) names.push_back(model.name);
  auto guess = config::nearest(name, names);
  return Error(ErrorCode::invalid_config, fmt::format("{} of an unknown model '{}'", what, name))
      .at(position)
      .hint(guess ? fmt::format("did you mean '{}'?", *guess) : fmt::format("known: {}", fmt::join(names, ", ")));
}

std::set<std::string> needed_names(const PipelineSpec& spec, const Graph& graph) {
  std::vector<std::string> waiting;
  for (const auto& target : spec.targets)
    if (auto name = spelled(spec, target.model); !name.empty()) waiting.push_back(std::move(name));
  std::set<std::string> needed;
  while (!waiting.empty()) {
    const auto name = std::move(waiting.back());
    waiting.pop_back();
    const auto* reads = reads_of(graph, name);
    if (!needed.insert(name).second || reads == nullptr) continue;
    for (const auto& read : reads->reads) waiting.push_back(read.name);
    for (const auto& read : reads->check_reads) waiting.push_back(read.name);
  }
  return needed;
}

const std::vector<check::Check>& checks_of(const PipelineSpec& spec, const std::string& name) {
  if (const auto* source = spec.find_source(name)) return source->checks;
  return spec.find_transform(name)->checks;
}

class FlowBuilder {
 public:
  FlowBuilder(const PipelineSpec& spec, const Graph& graph) : spec_(spec), graph_(graph) {}

  Flow build() {
    const auto needed = needed_names(spec_, graph_);
    for (const auto& source : spec_.sources)
      if (needed.contains(source.name))
        add({.name = source.name, .source = true, .models = {}, .targets = {}, .checks_of = {}});
    for (const auto& model : graph_.models)
      if (needed.contains(model.model)) add({.name = model.model, .models = {}, .targets = {}, .checks_of = {}});
    for (const auto& need : needs_) note_readers(need.name);
    for (const auto& target : spec_.targets)
      if (auto* need = find(spelled(spec_, target.model))) need->targets.push_back(target.name());
    for (const auto& need : needs_) note_references(need.name);
    for (const auto& need : needs_) visit(need);
    return std::move(flow_);
  }

 private:
  void add(Need need) { needs_.push_back(std::move(need)); }

  Need* find(std::string_view name) {
    const auto it = std::ranges::find(needs_, name, &Need::name);
    return it == needs_.end() ? nullptr : &*it;
  }

  void note_readers(const std::string& name) {
    const auto* reads = reads_of(graph_, name);
    if (reads == nullptr) return;
    for (const auto& read : reads->reads) {
      flow_.behind[name].insert(read.name);
      auto& models = find(read.name)->models;
      models.insert(models.end(), static_cast<size_t>(std::max(1, read.uses)), name);
    }
    for (const auto& read : reads->check_reads) find(read.name)->checks_of.push_back(name);
  }

  void note_references(const std::string& name) {
    for (const auto& check : checks_of(spec_, name)) {
      const auto* rule = std::get_if<check::References>(&check.rule);
      const auto parent = rule == nullptr ? std::string() : spelled(spec_, rule->to_table);
      if (!parent.empty() && !reaches(parent, name)) flow_.behind[name].insert(parent);
    }
  }

  // True if `from` is `to` or must come behind it.
  bool reaches(const std::string& from, const std::string& to) const {
    std::vector<std::string> waiting{from};
    std::set<std::string> seen;
    while (!waiting.empty()) {
      const auto name = std::move(waiting.back());
      waiting.pop_back();
      if (name == to) return true;
      const auto it = flow_.behind.find(name);
      if (!seen.insert(name).second || it == flow_.behind.end()) continue;
      waiting.insert(waiting.end(), it->second.begin(), it->second.end());
    }
    return false;
  }

  // Depth first, without recursion: a chain of models may be long.
  void visit(const Need& need) {
    std::vector<const Need*> path{&need};
    while (!path.empty()) {
      const auto* last = path.back();
      const auto* before = done_.contains(last->name) ? nullptr : first_missing(*last);
      if (before != nullptr) {
        path.push_back(before);
        continue;
      }
      if (done_.insert(last->name).second) flow_.needs.push_back(*last);
      path.pop_back();
    }
  }

  const Need* first_missing(const Need& need) {
    for (const auto& name : flow_.behind[need.name])
      if (!done_.contains(name)) return find(name);
    return nullptr;
  }

  const PipelineSpec& spec_;
  const Graph& graph_;
  std::vector<Need> needs_;
  std::set<std::string> done_;
  Flow flow_;
};

}  // namespace

std::string spelled(const PipelineSpec& spec, std::string_view name) {
  if (const auto* source = spec.find_source(name)) return source->name;
  const auto* model = spec.find_transform(name);
  return model == nullptr ? "" : model->name;
}

const Need* Flow::find(std::string_view name) const {
  const auto it = std::ranges::find_if(needs, [&](const Need& need) { return pipeline::same_name(need.name, name); });
  return it == needs.end() ? nullptr : &*it;
}

Result<Flow> find_flow(const PipelineSpec& spec, const Graph& graph) {
  for (const auto& target : spec.targets)
    if (spelled(spec, target.model).empty()) return unknown(spec, "target", target.model, target.position);
  for (const auto& mask : spec.masks)
    if (spelled(spec, mask.model).empty()) return unknown(spec, "mask", mask.model, mask.position);
  return FlowBuilder(spec, graph).build();
}

}  // namespace mainstem::plan
