#include "format/json/nested_path.h"

#include <algorithm>
#include <arrow/type.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

namespace mainstem::format::json {
namespace {

std::string join(const std::vector<std::string>& names, std::string_view between) {
  return fmt::format("{}", fmt::join(names, between));
}

Result<std::vector<std::string>> read_steps(std::string_view path, std::string_view option) {
  auto steps = split_path(path);
  if (std::ranges::find(steps, "") == steps.end()) return steps;
  return Error(ErrorCode::invalid_config, fmt::format("option '{}' has an empty name in '{}'", option, path))
      .hint("write names with dots between, such as orders.items");
}

Result<NestedPath::Key> read_key(std::string_view text, const std::string& separator) {
  constexpr std::string_view as = " as ";
  const auto at = text.find(as);
  NestedPath::Key key;
  MS_ASSIGN(key.steps, read_steps(text.substr(0, at), "keys"));
  key.column = at == std::string_view::npos ? join(key.steps, separator) : std::string(text.substr(at + as.size()));
  if (!key.column.empty()) return key;
  return Error(ErrorCode::invalid_config, fmt::format("option 'keys' has no column name in '{}'", text));
}

bool begins_with(const std::vector<std::string>& path, const std::vector<std::string>& beginning) {
  return path.size() >= beginning.size() && std::equal(beginning.begin(), beginning.end(), path.begin());
}

Result<void> check_key(const NestedPath& path, const NestedPath::Key& key) {
  const auto name = join(key.steps, ".");
  if (begins_with(key.steps, path.steps) || begins_with(path.steps, key.steps))
    return Error(ErrorCode::invalid_config,
                 fmt::format("key '{}' is no field of what encloses the rows at '{}'", name, join(path.steps, ".")))
        .hint("columns of the rows themselves need no key");
  for (const auto& other : path.keys)
    if (begins_with(key.steps, other.steps) || begins_with(other.steps, key.steps))
      return Error(ErrorCode::invalid_config, fmt::format("option 'keys' has '{}' twice", name));
  return {};
}

Result<ColumnPlan> plan_key(const NestedPath::Key& key, const Shape& shape, std::vector<std::string>& mixed) {
  const auto* values = shape.seen_member(key.column);
  if (values != nullptr) return values->plan(key.column, mixed);
  if (shape.seen_items() == nullptr) return ColumnPlan{.name = key.column, .type = arrow::utf8()};
  return Error(ErrorCode::not_found, fmt::format("no record has the field '{}' of option 'keys'", join(key.steps, ".")))
      .hint("`mainstem discover` shows the fields of a file");
}

void add_list_paths(const ColumnPlan& plan, const std::string& path, std::vector<std::string>& paths) {
  if (plan.type->id() == arrow::Type::LIST) {
    paths.push_back(path);
    const auto& item = plan.children.front();
    for (const auto& child : item.children)
      if (item.type->id() == arrow::Type::STRUCT) add_list_paths(child, path + "." + child.name, paths);
  } else {
    for (const auto& child : plan.children) add_list_paths(child, path + "." + child.name, paths);
  }
}

}  // namespace

size_t NestedPath::level_of(const Key& key) const {
  const auto [step, other] = std::mismatch(steps.begin(), steps.end(), key.steps.begin(), key.steps.end());
  return static_cast<size_t>(step - steps.begin());
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> steps;
  for (size_t first = 0; first <= path.size();) {
    const size_t dot = std::min(path.find('.', first), path.size());
    steps.emplace_back(path.substr(first, dot - first));
    first = dot + 1;
  }
  return steps;
}

Result<std::optional<NestedPath>> read_nested_path(const ReadOptions& options) {
  if (options.rows.empty()) {
    if (options.keys.empty()) return std::optional<NestedPath>();
    return Error(ErrorCode::invalid_config, "option 'keys' is for the rows of a list inside of the records")
        .hint("name the list with 'rows', or remove 'keys'");
  }
  NestedPath path;
  MS_ASSIGN(path.steps, read_steps(options.rows, "rows"));
  for (const auto& text : options.keys) {
    MS_ASSIGN(auto key, read_key(text, options.separator));
    MS_TRY(check_key(path, key));
    path.keys.push_back(std::move(key));
  }
  return std::optional<NestedPath>(std::move(path));
}

Result<std::vector<ColumnPlan>> plan_nested_columns(const NestedPath& path, const Shape& shape,
                                                    std::vector<std::string>& mixed) {
  if (shape.is_seen() && !shape.has_lists())
    return Error(ErrorCode::not_found,
                 fmt::format("no record has a list at '{}' of option 'rows'", join(path.steps, ".")))
        .hint("`mainstem discover` shows the lists of a file");
  std::vector<ColumnPlan> columns;
  for (const auto& key : path.keys) {
    MS_ASSIGN(auto plan, plan_key(key, shape, mixed));
    columns.push_back(std::move(plan));
  }
  columns.push_back({.name = std::string(NestedPath::kParent), .type = arrow::int64()});
  columns.push_back({.name = std::string(NestedPath::kIndex), .type = arrow::int64()});
  const auto* elements = shape.seen_items();
  if (elements == nullptr) return columns;
  if (!elements->has_objects()) {
    columns.push_back(elements->plan(std::string(NestedPath::kValue), mixed));
    return columns;
  }
  for (auto& member : elements->member_plans("", mixed)) columns.push_back(std::move(member));
  return columns;
}

std::vector<std::string> paths_of_lists(const std::vector<ColumnPlan>& columns, const std::string& prefix) {
  std::vector<std::string> paths;
  for (const auto& column : columns) add_list_paths(column, prefix + column.name, paths);
  return paths;
}

}  // namespace mainstem::format::json
