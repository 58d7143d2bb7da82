#include "engines/duckdb/lineage.h"

#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace mainstem::engines::duckdb {
namespace {

using engine::ColumnOrigin;
using nlohmann::json;

using Origins = std::set<ColumnOrigin>;
using Columns = std::vector<Origins>;  // of an operator's output, by position

constexpr int kMostRounds = 64;

std::string text_at(const json& node, const char* key) {
  const auto it = node.find(key);
  return it != node.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// A list at `key`, empty if there is none.
const json& list_at(const json& node, const char* key) {
  static const json kNone = json::array();
  const auto it = node.find(key);
  return it != node.end() && it->is_array() ? *it : kNone;
}

uint64_t number_at(const json& node, const char* key) {
  const auto it = node.find(key);
  return it != node.end() && it->is_number_unsigned() ? it->get<uint64_t>() : 0;
}

Columns joined(Columns left, const Columns& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Position by position; what `more` has beyond `columns` is left out.
void merge(Columns& columns, const Columns& more) {
  for (size_t i = 0; i < columns.size() && i < more.size(); ++i) columns[i].insert(more[i].begin(), more[i].end());
}

// Works out what each operator of a bound plan puts out. Expressions refer to their operator's input by position.
class PlanReader {
 public:
  Result<Columns> read(const json& node) {
    const auto type = text_at(node, "type");
    MS_ASSIGN(auto columns, read_as(type, node));
    if (const auto index = node.find("table_index"); index != node.end() && index->is_number_unsigned())
      tables_[index->get<uint64_t>()] = columns;
    return columns;
  }

 private:
  Result<Columns> read_as(const std::string& type, const json& node) {
    if (type == "LOGICAL_GET") return read_get(node);
    if (type == "LOGICAL_PROJECTION") return computed(node, "expressions", false);
    if (type == "LOGICAL_WINDOW" || type == "LOGICAL_UNNEST") return computed(node, "expressions", true);
    if (type == "LOGICAL_AGGREGATE_AND_GROUP_BY") return read_aggregate(node);
    if (type == "LOGICAL_UNION") return read_union(node);
    if (type == "LOGICAL_MATERIALIZED_CTE") return read_cte(node);
    if (type == "LOGICAL_RECURSIVE_CTE") return read_recursive(node);
    if (type == "LOGICAL_CTE_REF") return ctes_[number_at(node, "cte_index")];
    if (type == "LOGICAL_DELIM_GET") return outer_columns(list_at(node, "chunk_types").size());
    if (type == "LOGICAL_EXPRESSION_GET") return read_values(node);
    if (type == "LOGICAL_DUMMY_SCAN") return Columns(1);
    if (type == "LOGICAL_EMPTY_RESULT" || type == "LOGICAL_CHUNK_GET")
      return Columns(std::max(list_at(node, "return_types").size(), list_at(node, "chunk_types").size()));
    if (type.ends_with("_JOIN") || type == "LOGICAL_CROSS_PRODUCT") return read_join(node);
    // Of EXCEPT and INTERSECT only values of the first query come out.
    for (const char* same : {"LOGICAL_FILTER", "LOGICAL_ORDER_BY", "LOGICAL_LIMIT", "LOGICAL_TOP_N", "LOGICAL_DISTINCT",
                             "LOGICAL_SAMPLE", "LOGICAL_EXCEPT", "LOGICAL_INTERSECT"})
      if (type == same) return child(node, 0);
    return Error(ErrorCode::unsupported, fmt::format("the origin of columns behind {} cannot be told", type));
  }

  Result<Columns> child(const json& node, size_t index) {
    const auto& children = list_at(node, "children");
    if (index >= children.size()) return Error(ErrorCode::internal, "an operator of a plan lacks its input");
    return read(children[index]);
  }

  Result<Columns> read_get(const json& node) {
    const auto& names = list_at(node, "names");
    const auto data = node.find("function_data");
    const auto table = data == node.end() || !data->is_object() ? "" : text_at(*data, "table");
    // A function in FROM: its values come from whatever it is given.
    Columns input;
    Origins arguments;
    if (!list_at(node, "children").empty()) {
      MS_ASSIGN(input, child(node, 0));
      for (const auto& column : input) arguments.insert(column.begin(), column.end());
    }
    Columns columns;
    for (const auto& entry : list_at(node, "column_indexes")) {
      const auto index = number_at(entry, "index");
      Origins origins = arguments;
      if (!table.empty() && index < names.size()) origins.insert({table, names[index].get<std::string>()});
      columns.push_back(std::move(origins));
    }
    columns = projected(columns, list_at(node, "projection_ids"));
    for (const auto& index : list_at(node, "projected_input")) columns.push_back(at(input, index.get<uint64_t>()));
    return columns;
  }

  static Columns projected(const Columns& columns, const json& positions) {
    if (positions.empty()) return columns;
    Columns result;
    for (const auto& position : positions) result.push_back(at(columns, position.get<uint64_t>()));
    return result;
  }

  static Origins at(const Columns& columns, uint64_t index) {
    return index < columns.size() ? columns[index] : Origins();
  }

  Result<Columns> computed(const json& node, const char* key, bool keep_input) {
    MS_ASSIGN(const auto input, child(node, 0));
    Columns columns = keep_input ? input : Columns();
    for (const auto& expression : list_at(node, key)) columns.push_back(origins(expression, input));
    return columns;
  }

  Result<Columns> read_aggregate(const json& node) {
    MS_ASSIGN(const auto input, child(node, 0));
    Columns columns;
    for (const char* key : {"groups", "expressions"})
      for (const auto& expression : list_at(node, key)) columns.push_back(origins(expression, input));
    columns.resize(columns.size() + list_at(node, "grouping_functions").size());
    return columns;
  }

  Result<Columns> read_union(const json& node) {
    MS_ASSIGN(auto columns, child(node, 0));
    for (size_t i = 1; i < list_at(node, "children").size(); ++i) {
      MS_ASSIGN(const auto more, child(node, i));
      merge(columns, more);
    }
    return columns;
  }

  Result<Columns> read_values(const json& node) {
    MS_ASSIGN(const auto input, child(node, 0));
    Columns columns(list_at(node, "expr_types").size());
    for (const auto& row : list_at(node, "expressions")) {
      Columns values;
      for (const auto& expression : row) values.push_back(origins(expression, input));
      merge(columns, values);
    }
    return columns;
  }

  Result<Columns> read_cte(const json& node) {
    MS_ASSIGN(ctes_[number_at(node, "table_index")], child(node, 0));
    return child(node, 1);
  }

  // The repeating part reads its own result: repeat until nothing is added.
  Result<Columns> read_recursive(const json& node) {
    const auto index = number_at(node, "table_index");
    MS_ASSIGN(auto columns, child(node, 0));
    for (int round = 0; round < kMostRounds; ++round) {
      ctes_[index] = columns;
      MS_ASSIGN(const auto more, child(node, 1));
      merge(columns, more);
      if (columns == ctes_[index]) break;
    }
    return columns;
  }

  Result<Columns> read_join(const json& node) {
    MS_ASSIGN(auto left, child(node, 0));
    // A correlated subquery on the right sees the columns that are handed down to it.
    const auto& handed_down = list_at(node, "duplicate_eliminated_columns");
    Columns outer;
    for (const auto& expression : handed_down) outer.push_back(origins(expression, left));
    outer_.push_back(std::move(outer));
    auto read = child(node, 1);
    outer_.pop_back();
    if (!read) return read;
    const auto& right = *read;
    const auto type = text_at(node, "join_type");
    if (type == "SEMI" || type == "ANTI") return left;
    if (type == "RIGHT_SEMI" || type == "RIGHT_ANTI") return right;
    if (type != "MARK") return joined(left, right);
    Origins mark;
    for (const auto& condition : list_at(node, "conditions")) {
      for (const auto& origin : origins(condition.value("left", json()), left)) mark.insert(origin);
      for (const auto& origin : origins(condition.value("right", json()), right)) mark.insert(origin);
    }
    return joined(left, {mark});
  }

  Columns outer_columns(size_t count) const {
    for (auto it = outer_.rbegin(); it != outer_.rend(); ++it)
      if (it->size() == count) return *it;
    return Columns(count);
  }

  // All columns in an expression, an aggregate's FILTER included.
  Origins origins(const json& expression, const Columns& input) const {
    Origins result;
    collect(expression, input, result);
    return result;
  }

  void collect(const json& node, const Columns& input, Origins& result) const {
    if (!node.is_structured()) return;
    Origins own;
    if (node.is_object()) {
      const auto type = text_at(node, "type");
      if (type == "BOUND_REF") own = at(input, number_at(node, "index"));
      if (type == "BOUND_COLUMN_REF") own = by_binding(node.value("binding", json()));
    }
    result.insert(own.begin(), own.end());
    for (const auto& [key, part] : node.items()) collect(part, input, result);
  }

  Origins by_binding(const json& binding) const {
    if (!binding.is_object()) return {};
    const auto table = tables_.find(number_at(binding, "table_index"));
    return table == tables_.end() ? Origins() : at(table->second, number_at(binding, "column_index"));
  }

  std::map<uint64_t, Columns> ctes_;
  std::map<uint64_t, Columns> tables_;  // by the number that a few unresolved references use
  std::vector<Columns> outer_;
};

}  // namespace

Result<std::vector<engine::ColumnLineage>> lineage_of(const json& plan, const std::vector<std::string>& columns) {
  const auto& plans = list_at(plan, "plans");
  if (plans.size() != 1) return Error(ErrorCode::internal, "the SQL engine gives no plan for the query");
  MS_ASSIGN(const auto origins, PlanReader().read(plans[0]));
  if (origins.size() < columns.size())
    return Error(ErrorCode::internal, "the SQL engine's plan has fewer columns than the query");
  std::vector<engine::ColumnLineage> lineage;
  for (size_t i = 0; i < columns.size(); ++i)
    lineage.push_back({.column = columns[i], .origins = {origins[i].begin(), origins[i].end()}});
  return lineage;
}

}  // namespace mainstem::engines::duckdb
