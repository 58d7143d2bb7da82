#include "columnar/slices.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/util/byte_size.h>

namespace mainstem::columnar {

int64_t row_bytes(const arrow::RecordBatch& batch) {
  // Types without a rule count whole buffers, which errs on the safe side.
  return arrow::util::ReferencedBufferSize(batch).ValueOr(arrow::util::TotalBufferSize(batch));
}

std::vector<std::shared_ptr<arrow::RecordBatch>> slices(const std::shared_ptr<arrow::RecordBatch>& batch, int64_t bytes,
                                                        int64_t rows) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> result;
  const int64_t count = batch->num_rows();
  if (count == 0) return result;
  const int64_t one = std::max<int64_t>(1, row_bytes(*batch) / count);
  const int64_t fitting = std::clamp<int64_t>(bytes / one, 1, std::max<int64_t>(1, rows));
  for (int64_t from = 0; from < count; from += fitting)
    result.push_back(fitting >= count ? batch : batch->Slice(from, std::min(fitting, count - from)));
  return result;
}

}  // namespace mainstem::columnar
