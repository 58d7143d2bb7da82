#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace mainstem {
struct Context;
}

namespace mainstem::columnar {

/// Where a source stands: opaque bytes, compared only by the source that made them, and a form for people.
struct Position {
  std::string bytes;
  std::string printable;
};

/// One record of the source that could not become a typed row. Travels with the batches, so that none gets lost.
struct Reject {
  std::string object;        ///< file, table or page it came from
  int64_t line = 0;          ///< first physical line in the object, from 1; 0 where there are no lines
  int64_t byte_offset = -1;  ///< of the record in the (uncompressed) object; -1 = unknown
  std::string column;        ///< the offending column, if it was one
  std::string code;          ///< stable, snake_case: "invalid_integer", "too_many_fields", "invalid_utf8", ...
  std::string reason;        ///< for people
  std::string raw;           ///< the record as found, cut at kMaxRawBytes; masked columns are removed by the run

  static constexpr size_t kMaxRawBytes = 64 * 1024;
};

/// What a reader gives per call. Rows and rejects of the same stretch of input; either may be empty.
struct Batch {
  std::shared_ptr<arrow::RecordBatch> rows;  ///< null = no rows
  std::vector<Reject> rejects;
  Position position;  ///< behind the last record of this batch; empty if the source has no positions
};

/// A stream of batches of one schema, for one thread at a time; `next` gives nothing at the end. After an error with
/// `retry_after` it stands where it stood and may be asked again; after any other it is only good for being destroyed.
class BatchReader {
 public:
  virtual ~BatchReader() = default;
  virtual Result<std::optional<Batch>> next(Context& context) = 0;
};

}  // namespace mainstem::columnar
