#include "engines/duckdb/references.h"

#include <map>
#include <nlohmann/json.hpp>

#include "engines/duckdb/schema_rules.h"

namespace mainstem::engines::duckdb {
namespace {

using nlohmann::json;

// Schema and name as first written, by their comparable form, with the number of reads.
struct Counted {
  engine::Reference reference;
  int uses = 0;
};
using Counts = std::map<std::pair<std::string, std::string>, Counted>;
using Scope = std::map<std::string, Counts>;  // what each visible CTE reads

void add(Counts& to, const Counts& from, int times) {
  for (const auto& [key, counted] : from) {
    auto& slot = to[key];
    if (slot.reference.name.empty()) slot.reference = counted.reference;
    slot.uses += counted.uses * times;
  }
}

std::string text_at(const json& node, const char* key) {
  const auto it = node.find(key);
  return it != node.end() && it->is_string() ? it->get<std::string>() : std::string();
}

Counts count(const json& node, const Scope& scope);

Counts count_table(const json& node, const Scope& scope) {
  const auto name = text_at(node, "table_name");
  auto schema = text_at(node, "schema_name");
  if (const auto catalog = text_at(node, "catalog_name"); !catalog.empty())
    schema = schema.empty() ? catalog : catalog + "." + schema;
  if (schema.empty())
    if (const auto cte = scope.find(lower_case(name)); cte != scope.end()) return cte->second;
  Counts counts;
  counts[{lower_case(schema), lower_case(name)}] = {{.schema = schema, .name = name}, 1};
  return counts;
}

Counts count_children(const json& node, const Scope& scope, const char* except = nullptr) {
  Counts counts;
  for (const auto& [key, child] : node.items())
    if (except == nullptr || key != except) add(counts, count(child, scope), 1);
  return counts;
}

Counts count_recursive(const json& node, const Scope& scope) {
  Scope inner = scope;
  inner[lower_case(text_at(node, "cte_name"))] = {};
  Counts counts = count_children(node, inner, "right");
  if (const auto repeated = node.find("right"); repeated != node.end()) add(counts, count(*repeated, inner), 2);
  return counts;
}

Counts count_query(const json& node, const Scope& scope) {
  Scope inner = scope;
  Counts bound;
  if (const auto map = node["cte_map"].find("map"); map != node["cte_map"].end()) {
    for (const auto& entry : *map) {
      auto counts = count(entry.value("value", json()), inner);
      add(bound, counts, 1);
      inner[lower_case(text_at(entry, "key"))] = std::move(counts);
    }
  }
  Counts counts = text_at(node, "type") == "RECURSIVE_CTE_NODE" ? count_recursive(node, inner)
                                                                : count_children(node, inner, "cte_map");
  for (const auto& [key, counted] : bound)
    if (!counts.contains(key)) counts[key] = {counted.reference, 1};
  return counts;
}

Counts count(const json& node, const Scope& scope) {
  if (node.is_object()) {
    if (text_at(node, "type") == "BASE_TABLE" && node.contains("table_name")) return count_table(node, scope);
    if (const auto map = node.find("cte_map"); map != node.end() && map->is_object()) return count_query(node, scope);
  }
  if (!node.is_structured()) return {};
  return count_children(node, scope);
}

}  // namespace

std::vector<engine::Reference> references_in(const json& tree) {
  std::vector<engine::Reference> references;
  for (const auto& [key, counted] : count(tree, {})) {
    references.push_back(counted.reference);
    references.back().uses = counted.uses;
  }
  return references;
}

}  // namespace mainstem::engines::duckdb
