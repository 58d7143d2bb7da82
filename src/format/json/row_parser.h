#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "format/json/complaint.h"
#include "format/record_builder.h"
#include "format/shape.h"

namespace mainstem::format::json {

struct ParseOptions {
  int max_depth = 64;
  bool infer_dates = false;
};

/// Reads single records (RFC 8259). Numbers are taken by their text, so that they stay exact. One thread.
class RowParser {
 public:
  explicit RowParser(ParseOptions options) : options_(options) {}

  /// Adds a sound record to the shape; a broken one leaves no trace. Errors: resource_exhausted, for more top-level
  /// names than a table can have.
  Result<std::optional<Complaint>> observe(std::string_view record, ShapeRecorder& recorder);
  /// Appends one record to `rows`: kept if it is sound, else discarded.
  Result<std::optional<Complaint>> append(std::string_view record, RecordBuilder& rows);

 private:
  ParseOptions options_;
};

}  // namespace mainstem::format::json
