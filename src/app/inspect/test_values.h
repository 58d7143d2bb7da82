#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/node.h"

namespace mainstem::app::inspect {

/// Values of one column of a test, as written; a null pointer stands for null.
using WrittenValues = std::vector<const config::Node*>;

/// The first of these types that fits all values: integer, decimal, boolean, date, timestamp, timestamptz, double,
/// text; lists and structs of them for lists and maps. Text in quotes is text. Without a value: text.
std::shared_ptr<arrow::DataType> guess_type(const WrittenValues& values);

/// The values in a type: lists as YAML lists; structs and maps as YAML maps, where a field of a struct that is not
/// written is null. Numbers count by their value ("3.0" is an integer); a timestamptz without a zone is in UTC.
/// Errors: invalid_config, placed at the value that is not of the type.
Result<std::shared_ptr<arrow::Array>> to_array(const std::string& column, const WrittenValues& values,
                                               const std::shared_ptr<arrow::DataType>& type);

}  // namespace mainstem::app::inspect
