#pragma once

#include <cstdint>
#include <limits>
#include <memory>

#include "format/json/options.h"
#include "format/json/records.h"
#include "format/shape.h"
#include "io/input.h"

namespace mainstem {
struct Context;
}

namespace mainstem::format::json {

/// A stretch of an input that one thread reads.
struct Part {
  static constexpr int64_t kToEnd = std::numeric_limits<int64_t>::max();

  size_t input = 0;
  Layout layout = Layout::lines;
  int64_t offset = 0;    ///< of its first byte
  int64_t end = kToEnd;  ///< records that begin here or later are not of it; kToEnd unless the input is seekable
  int64_t line = 1;      ///< in which it begins
  int64_t record = 1;    ///< number in its input of the first record
};

/// The records of a part. Errors: those of reading; unsupported for UTF-16.
Result<std::unique_ptr<Records>> open_records(io::Input& input, const ReadOptions& options, const Part& part);

/// The layout the user asked for, or that extension and content show.
Result<Layout> find_layout(io::Input& input, const ReadOptions& options);

/// Cuts inputs into parts of about equal size: seekable inputs of one record a line anywhere, others not at all.
Result<std::vector<Part>> cut_inputs(const Context& context, const std::vector<std::shared_ptr<io::Input>>& inputs,
                                     const ReadOptions& options);

/// What a look at all records of a part has shown.
struct Findings {
  Part part;  ///< with its true beginning and end; empty if no record begins in it
  int64_t records = 0;
  int64_t rows = 0;  ///< at most so many
  int64_t lines = 0;
  Shape shape;
};

Result<Findings> look_at(Context& context, io::Input& input, const ReadOptions& options, Part part);
/// The same for all parts, on the threads of the run. The order is that of the parts; `line` and `record` of each part
/// are right.
Result<std::vector<Findings>> look_at_all(Context& context, const std::vector<std::shared_ptr<io::Input>>& inputs,
                                          const ReadOptions& options, const std::vector<Part>& parts);

}  // namespace mainstem::format::json
