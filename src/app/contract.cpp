#include "app/contract.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/type_name.h"

namespace mainstem::app {
namespace {

using pipeline::Contract;
using pipeline::ContractColumn;

// Whether every value of `from` is one of `to` without loss.
bool widens(const arrow::DataType& from, const arrow::DataType& to) {
  if (from.Equals(to)) return true;
  if (arrow::is_integer(from.id()) && arrow::is_integer(to.id())) {
    const bool sign_fits = arrow::is_signed_integer(from.id()) == arrow::is_signed_integer(to.id());
    return sign_fits ? from.bit_width() <= to.bit_width()
                     : arrow::is_signed_integer(to.id()) && from.bit_width() < to.bit_width();
  }
  if (arrow::is_floating(from.id()) && arrow::is_floating(to.id())) return from.bit_width() <= to.bit_width();
  if (arrow::is_decimal(from.id()) && arrow::is_decimal(to.id())) {
    const auto& narrow = static_cast<const arrow::DecimalType&>(from);
    const auto& wide = static_cast<const arrow::DecimalType&>(to);
    return narrow.scale() <= wide.scale() && narrow.precision() - narrow.scale() <= wide.precision() - wide.scale();
  }
  return arrow::is_base_binary_like(from.id()) && arrow::is_base_binary_like(to.id()) &&
         arrow::is_string(from.id()) == arrow::is_string(to.id());
}

Result<void> check_column(const Contract& contract, const ContractColumn& column, const arrow::Schema& found) {
  const auto field = found.GetFieldByName(column.name);
  if (field == nullptr)
    return Error(ErrorCode::invalid_data, fmt::format("the source has no column '{}'", column.name))
        .at(column.position)
        .hint(fmt::format("it has: {}; if it was dropped for good, take it out of the contract and the SQL",
                          fmt::join(found.field_names(), ", ")));
  if (column.type.empty()) return {};
  MS_ASSIGN(const auto declared, columnar::parse_type(column.type));
  const bool fits = contract.types == pipeline::TypeChanges::widen ? widens(*declared, *field->type()) ||
                                                                         widens(*field->type(), *declared)
                                                                   : declared->Equals(field->type());
  if (fits) return {};
  return Error(ErrorCode::invalid_data, fmt::format("column '{}' is {}, the contract says {}", column.name,
                                                    columnar::type_name(*field->type()), column.type))
      .at(column.position)
      .hint("change the contract, or cast the column in a model");
}

}  // namespace

std::vector<std::string> wanted_columns(const pipeline::SourceSpec& source) {
  if (!source.columns.empty() || source.contract.new_columns != pipeline::NewColumns::ignore) return source.columns;
  std::vector<std::string> names;
  for (const auto& column : source.contract.columns) names.push_back(column.name);
  return names;
}

Result<void> check_contract(const pipeline::SourceSpec& source, const arrow::Schema& found) {
  const auto& contract = source.contract;
  for (const auto& column : contract.columns) MS_TRY(check_column(contract, column, found));
  if (contract.columns.empty() || contract.new_columns != pipeline::NewColumns::fail) return {};
  for (const auto& name : found.field_names()) {
    if (std::ranges::find(contract.columns, name, &ContractColumn::name) != contract.columns.end()) continue;
    return Error(ErrorCode::invalid_data, fmt::format("the source has a new column '{}'", name))
        .at(source.position)
        .hint("add it to the contract, or say new_columns: ignore or evolve");
  }
  return {};
}

}  // namespace mainstem::app
