#include "pipeline/read_tests.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "pipeline/files.h"
#include "pipeline/spec_fields.h"

namespace mainstem::pipeline {
namespace {

using config::Node;

// A column that is named wrongly would go unnoticed: its value would be null.
void check_columns(const TestTable& table, ErrorList& errors) {
  if (table.columns.empty()) return;
  const auto known = names_of(table.columns);
  for (const auto& row : table.rows)
    for (const auto& [name, value] : row.entries())
      if (std::ranges::find(known, name) == known.end())
        errors.add(Error(ErrorCode::invalid_config, fmt::format("'{}' is not among the columns declared here", name))
                       .at(row.key_position(name))
                       .hint(suggestion(name, known)));
}

TestTable read_rows(const std::string& name, const Node& node, ErrorList& errors) {
  TestTable table{.name = name};
  const auto* rows = node.is_map() ? node.find("rows") : &node;
  if (node.is_map()) {
    for (const auto& [key, value] : node.entries())
      if (key != "columns" && key != "rows")
        errors.add(Error(ErrorCode::invalid_config, fmt::format("unknown key '{}'", key))
                       .at(node.key_position(key))
                       .hint("known here: columns, rows"));
    if (const auto* columns = node.find("columns"))
      if (auto types = errors.keep(config::Conversion<std::vector<ContractColumn>>::read(*columns)))
        table.columns = *std::move(types);
  }
  if (rows == nullptr || rows->is_null()) return table;
  if (!rows->is_list()) {
    errors.add(config::wrong_type(*rows, "a list of rows"));
    return table;
  }
  for (const auto& row : rows->items()) {
    if (row.is_map())
      table.rows.push_back(row);
    else
      errors.add(config::wrong_type(row, "a row, like {id: 1, name: x}"));
  }
  check_columns(table, errors);
  return table;
}

Result<TestSpec> read_test(const Node& node, ErrorList& errors) {
  if (!node.is_map()) return Error(ErrorCode::invalid_config, "not a test").hint("begin with 'test: NAME'");
  MS_ASSIGN(const auto file, test_fields().read(node));
  TestSpec test{.name = file.name,
                .pipeline = file.pipeline,
                .model = file.model,
                .given_position = node.key_position("given"),
                .position = node.position()};
  if (!file.given.is_map()) return config::wrong_type(file.given, "a map of tables");
  for (const auto& [name, rows] : file.given.entries()) {
    test.given.push_back(read_rows(name, rows, errors));
    test.given.back().position = file.given.key_position(name);
  }
  test.expect = read_rows("expect", file.expect, errors);
  return test;
}

void read_each(const std::vector<Node>& items, const FilePosition& place, std::vector<TestSpec>& tests,
               ErrorList& errors) {
  for (const auto& item : items) {
    auto test = read_test(item, errors);
    if (test)
      tests.push_back(*std::move(test));
    else
      errors.add(std::move(test).error().at(place).during("reading a test"));
  }
}

}  // namespace

std::vector<TestSpec> read_test_file(const std::string& path, ErrorList& errors) {
  std::vector<TestSpec> tests;
  const auto file = errors.keep(read_yaml_file(path));
  if (file)
    read_each(file->is_list() ? file->items() : std::vector<Node>{*file}, {.file = path, .line = 1, .column = 1}, tests,
              errors);
  return tests;
}

std::vector<TestSpec> read_tests(const Node& list, const std::string& model, ErrorList& errors) {
  std::vector<TestSpec> tests;
  if (list.is_null()) return tests;
  auto items = list.is_list() ? list.items() : std::vector<Node>{list};
  for (auto& item : items)
    if (item.is_map() && item.find("model") == nullptr) item.set("model", Node::scalar(model, item.position()));
  read_each(items, list.position(), tests, errors);
  return tests;
}

}  // namespace mainstem::pipeline
