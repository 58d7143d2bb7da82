#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <vector>

namespace mainstem::columnar {

/// Bytes of the rows themselves: of a slice, its own part of the buffers.
int64_t row_bytes(const arrow::RecordBatch& batch);

/// The rows of a batch in slices of at most `rows` rows and about `bytes` bytes, without copying. Rows are taken to be
/// of one size. None for an empty batch.
std::vector<std::shared_ptr<arrow::RecordBatch>> slices(const std::shared_ptr<arrow::RecordBatch>& batch, int64_t bytes,
                                                        int64_t rows);

}  // namespace mainstem::columnar
