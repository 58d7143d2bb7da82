#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace mainstem::format {

/// How one column (or a part of one) is built from records.
struct ColumnPlan {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  bool json_text = false;  ///< text that holds each value as JSON, quotes of strings included
  bool wanted = true;      ///< false = known, but nobody reads it
  /// The members of a struct, or the one item of a list.
  std::vector<ColumnPlan> children = {};
  bool no_values = false;  ///< the type is a guess

  std::shared_ptr<arrow::Field> field() const;
};

/// A plan for a type the user declared. Errors: unsupported.
Result<ColumnPlan> plan_column(std::string name, const std::shared_ptr<arrow::DataType>& type);
/// A struct of columns, in which those that nobody wants are not built; or a list of one plan.
ColumnPlan struct_plan(std::string name, std::vector<ColumnPlan> members);
ColumnPlan list_plan(std::string name, ColumnPlan item);
}  // namespace mainstem::format
