#pragma once

#include <arrow/type_fwd.h>
#include <memory>

#include "base/result.h"

namespace mainstem::columnar {

/// `array` as `type`, which may be wider, narrower, plainer (see `plain_type`) or text. Errors: invalid_data for a
/// value that would change, quoting it; unsupported for types that have no conversion.
Result<std::shared_ptr<arrow::Array>> convert_without_loss(const std::shared_ptr<arrow::Array>& array,
                                                           const std::shared_ptr<arrow::DataType>& type);

/// The columns of `schema` found by name in `batch` and converted; a column that `batch` lacks is null.
/// Errors: as `convert_without_loss`, naming the column.
Result<std::shared_ptr<arrow::RecordBatch>> conform(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                    const std::shared_ptr<arrow::Schema>& schema);

}  // namespace mainstem::columnar
