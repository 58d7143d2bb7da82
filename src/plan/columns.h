#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "plan/stage.h"

namespace mainstem::plan {

/// The column's name as the schema of `table` spells it; letter case does not count. Errors: invalid_config with "did
/// you mean", at `position`.
Result<std::string> find_column(const arrow::Schema& schema, std::string_view name, std::string_view table,
                                const FilePosition& position);
/// The same for several.
Result<std::vector<std::string>> find_columns(const arrow::Schema& schema, const std::vector<std::string>& names,
                                              std::string_view table, const FilePosition& position);

/// Columns have names of their own. Errors: invalid_config.
Result<void> check_distinct(const arrow::Schema& schema, std::string_view table);

/// The schema as readers see it: masked columns are text.
std::shared_ptr<arrow::Schema> masked_schema(const std::shared_ptr<arrow::Schema>& schema,
                                             const std::vector<ColumnMask>& masks);

/// What checks know of a type.
enum class TypeClass { number, text, time, truth, bytes, nested, other };
TypeClass class_of(const arrow::DataType& type);

/// True if every value of `narrow` is a value of `wide`, exactly.
bool holds_all(const arrow::DataType& wide, const arrow::DataType& narrow);

}  // namespace mainstem::plan
