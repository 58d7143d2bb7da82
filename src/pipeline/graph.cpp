#include "pipeline/graph.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "pipeline/error_list.h"
#include "pipeline/sql_text.h"

namespace mainstem::pipeline {
namespace {

Error unknown_name(const PipelineSpec& spec, const std::string& name) {
  auto names = names_of(spec.sources);
  add_names(names, spec.transforms);
  return Error(ErrorCode::invalid_config, fmt::format("'{}' is neither a source nor a model of this pipeline", name))
      .hint(suggestion(name, names));
}

Result<Read> find_read(const PipelineSpec& spec, const engine::Reference& reference) {
  if (!reference.schema.empty()) {
    const auto whole = reference.schema + "." + reference.name;
    return Error(ErrorCode::invalid_config, fmt::format("SQL reads sources and models only, not '{}'", whole))
        .hint(fmt::format("declare a source with 'table: {}' and use its name", whole));
  }
  if (const auto* source = spec.find_source(reference.name))
    return Read{.name = source->name, .source = true, .uses = reference.uses};
  if (const auto* model = spec.find_transform(reference.name)) return Read{.name = model->name, .uses = reference.uses};
  return unknown_name(spec, reference.name);
}

// Finds what SQL reads; every name that is not known is an error of its own.
class ReadFinder {
 public:
  ReadFinder(const PipelineSpec& spec, const SqlReferences& references, ErrorList& errors)
      : spec_(spec), references_(references), errors_(errors) {}

  std::vector<Read> reads_of(const SqlText& sql, const std::string& activity) const {
    std::vector<Read> reads;
    const auto found = references_(sql.text);
    if (!found) {
      errors_.add(placed(sql, found.error()).during(activity));
      return reads;
    }
    for (const auto& reference : *found)
      add(find_read(spec_, reference), place_of_name(sql, reference.name), activity, reads);
    return reads;
  }

  // What the checks of `own` read beside itself.
  std::vector<Read> reads_of_checks(const std::vector<check::Check>& checks, const std::string& own) const {
    std::vector<Read> all;
    for (const auto& check : checks) {
      for (const auto& read : reads_of_check(check, fmt::format("reading check '{}' of '{}'", check.name, own)))
        if (read.name != own && std::ranges::find(all, read.name, &Read::name) == all.end()) all.push_back(read);
    }
    return all;
  }

 private:
  // The engine tells names apart by letter case; here they are one.
  void add(Result<Read> read, const FilePosition& place, const std::string& activity, std::vector<Read>& reads) const {
    if (!read) return errors_.add(std::move(read).error().at(place).during(activity));
    auto it = std::ranges::find(reads, read->name, &Read::name);
    if (it == reads.end())
      reads.push_back(*std::move(read));
    else
      it->uses += read->uses;
  }

  std::vector<Read> reads_of_check(const check::Check& check, const std::string& activity) const {
    std::vector<Read> reads;
    if (const auto* rule = std::get_if<check::References>(&check.rule)) {
      add(find_read(spec_, {.schema = "", .name = rule->to_table}), check.position, activity, reads);
    } else if (const auto* query = std::get_if<check::Sql>(&check.rule)) {
      const SqlText sql{.text = query->sql, .place = {.first = check.position, .next_column = 0}, .generated = true};
      reads = reads_of(sql, activity);
    }
    return reads;
  }

  const PipelineSpec& spec_;
  const SqlReferences& references_;
  ErrorList& errors_;
};

// Depth-first search over the models; `path_` is the way from the first model to the one being visited.
class Sorter {
 public:
  Sorter(const PipelineSpec& spec, std::vector<ModelReads> models) : spec_(spec), models_(std::move(models)) {}

  Result<std::vector<ModelReads>> sort() {
    for (const auto& model : models_) MS_TRY(visit(model));
    return std::move(sorted_);
  }

 private:
  Result<void> visit(const ModelReads& model) {
    if (done_.contains(model.model)) return {};
    if (std::ranges::find(path_, model.model) != path_.end()) return circle(model.model);
    path_.push_back(model.model);
    for (const auto& read : model.reads)
      if (!read.source) MS_TRY(visit(*std::ranges::find(models_, read.name, &ModelReads::model)));
    path_.pop_back();
    done_.insert(model.model);
    sorted_.push_back(model);
    return {};
  }

  Error circle(const std::string& name) const {
    const auto start = std::ranges::find(path_, name);
    std::string text;
    for (auto it = start; it != path_.end(); ++it) text += *it + " → ";
    const auto next = start + 1 == path_.end() ? name : *(start + 1);
    const bool itself = start + 1 == path_.end();
    return Error(ErrorCode::invalid_config, fmt::format("models read each other in a circle: {}{}", text, name))
        .at(place_of_name(spec_.find_transform(name)->sql, next))
        .hint(itself ? "to read what an earlier run published, declare the target's table as a source"
                     : "let one of them read a source, or put what both need into a model of its own");
  }

  const PipelineSpec& spec_;
  std::vector<ModelReads> models_;
  std::vector<ModelReads> sorted_;
  std::set<std::string> done_;
  std::vector<std::string> path_;
};

void collect_sources(const Graph& graph, std::string_view model, std::set<std::string>& seen,
                     std::vector<std::string>& sources) {
  const auto* reads = graph.find(model);
  if (reads == nullptr) return;
  for (const auto& read : reads->reads) {
    if (!seen.insert(read.name).second) continue;
    if (read.source)
      sources.push_back(read.name);
    else
      collect_sources(graph, read.name, seen, sources);
  }
}

}  // namespace

const ModelReads* Graph::find(std::string_view model) const {
  auto it = std::ranges::find_if(models, [&](const auto& reads) { return same_name(reads.model, model); });
  return it == models.end() ? nullptr : &*it;
}

std::vector<std::string> Graph::sources_below(std::string_view name) const {
  for (const auto& source : sources)
    if (same_name(source.model, name)) return {source.model};
  std::set<std::string> seen;
  std::vector<std::string> result;
  collect_sources(*this, name, seen, result);
  return result;
}

std::optional<Graph> build_graph(const PipelineSpec& spec, const SqlReferences& references, ErrorList& errors) {
  // The search goes as deep as there are models.
  constexpr size_t kMostModels = 5000;
  if (spec.transforms.size() > kMostModels) {
    errors.add(Error(ErrorCode::resource_exhausted, fmt::format("more than {} models in one pipeline", kMostModels))
                   .at(spec.position)
                   .hint("split the pipeline"));
    return std::nullopt;
  }
  const size_t errors_before = errors.size();
  const ReadFinder finder(spec, references, errors);
  Graph graph;
  for (const auto& source : spec.sources)
    graph.sources.push_back(
        {.model = source.name, .reads = {}, .check_reads = finder.reads_of_checks(source.checks, source.name)});
  std::vector<ModelReads> models;
  for (const auto& model : spec.transforms)
    models.push_back({.model = model.name,
                      .reads = finder.reads_of(model.sql, fmt::format("reading model '{}'", model.name)),
                      .check_reads = finder.reads_of_checks(model.checks, model.name)});
  auto sorted = errors.keep(Sorter(spec, std::move(models)).sort());
  if (errors.size() > errors_before) return std::nullopt;
  graph.models = *std::move(sorted);
  return graph;
}

Result<Graph> build_graph(const PipelineSpec& spec, const SqlReferences& references) {
  ErrorList errors;
  auto graph = build_graph(spec, references, errors);
  if (!graph) return errors.take_sorted().front();
  return *std::move(graph);
}

}  // namespace mainstem::pipeline
