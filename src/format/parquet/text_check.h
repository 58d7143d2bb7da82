#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string>

#include "columnar/batch.h"

namespace mainstem::format::parquet {

/// Takes rows with text that is not UTF-8 out of a batch and makes them rejects ("invalid_utf8"). Parquet promises
/// UTF-8, but writers do not all check it. `first_row` counts from 0 in the file. Errors: invalid_data, for such text
/// inside lists, structs and maps.
Result<columnar::Batch> reject_bad_text(std::shared_ptr<arrow::RecordBatch> rows, const std::string& object,
                                        int64_t first_row);

}  // namespace mainstem::format::parquet
