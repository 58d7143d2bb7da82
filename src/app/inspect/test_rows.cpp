#include "app/inspect/test_rows.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/compute/initialize.h>
#include <iterator>

#include "app/inspect/test_values.h"
#include "columnar/status.h"
#include "columnar/type_name.h"

namespace mainstem::app::inspect {
namespace {

using columnar::from_arrow;
using pipeline::TestTable;

Result<std::shared_ptr<arrow::DataType>> type_of(const TestTable& table, const arrow::Schema* known,
                                                 const std::string& name, const WrittenValues& values) {
  const auto declared = std::ranges::find(table.columns, name, &pipeline::ContractColumn::name);
  if (declared != table.columns.end() && !declared->type.empty()) return columnar::parse_type(declared->type);
  if (known != nullptr)
    for (const auto& field : known->fields())
      if (pipeline::same_name(field->name(), name)) return field->type();
  return guess_type(values);
}

}  // namespace

std::vector<std::string> column_names(const TestTable& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  for (const auto& row : table.rows)
    for (const auto& [key, value] : row.entries())
      if (std::ranges::find(names, key) == names.end()) names.push_back(key);
  return names;
}

Result<std::shared_ptr<arrow::Table>> to_table(const TestTable& table, const arrow::Schema* known) {
  MS_TRY(from_arrow(arrow::compute::Initialize()));
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  auto names = column_names(table);
  if (names.empty() && known != nullptr) names = known->field_names();
  for (const auto& name : names) {
    WrittenValues values;
    std::ranges::transform(table.rows, std::back_inserter(values), [&](const auto& row) { return row.find(name); });
    MS_ASSIGN(const auto type, type_of(table, known, name, values));
    MS_ASSIGN(auto column, to_array(name, values, type));
    fields.push_back(arrow::field(name, type));
    columns.push_back(std::move(column));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), columns, std::ssize(table.rows));
}

}  // namespace mainstem::app::inspect
