#pragma once

#include <arrow/type_fwd.h>
#include <memory>

#include "format/csv/cell_writer.h"

namespace mainstem::format::csv {

/// For types that hold others: dictionaries and extensions are written as the values they stand for; lists as JSON
/// arrays, structs as JSON objects, maps as JSON arrays of {"key", "value"}. In JSON, integers, decimals and booleans
/// are bare and everything else is a JSON string in its CSV form, so that no digit is lost.
Result<std::unique_ptr<CellWriter>> make_nested_writer(const arrow::DataType& type, BinaryForm binary);

}  // namespace mainstem::format::csv
