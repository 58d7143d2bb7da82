#pragma once

#include <arrow/ipc/type_fwd.h>
#include <arrow/type_fwd.h>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "format/arrow_ipc/options.h"
#include "io/input.h"

namespace mainstem::format::arrow_ipc {

/// One input as far as it is known without reading rows. Immutable.
struct IpcInput {
  std::shared_ptr<io::Input> input;
  Layout layout = Layout::file;
  std::shared_ptr<arrow::Schema> schema;
  int batches = 0;                       ///< of a file
  int64_t rows = -1;                     ///< of a file
  EndMark end_mark = EndMark::required;  ///< of a stream
};

/// Errors: invalid_data, naming the input, if it is neither a whole file nor a stream; unsupported for Feather 1.
Result<IpcInput> look_into(const std::shared_ptr<io::Input>& input, const ReadOptions& options);

/// Gives the record batches `first` to `first + count` of a file (of a stream all), then null. Only columns of
/// `schema`.
using BatchPull = std::function<Result<std::shared_ptr<arrow::RecordBatch>>()>;
Result<BatchPull> open_batches(const IpcInput& input, int first, int count, const arrow::Schema& schema);

}  // namespace mainstem::format::arrow_ipc
