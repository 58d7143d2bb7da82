#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/record_builder.h"
#include "format/shape.h"

namespace mainstem::format::json {

/// Why a record is no row.
struct Complaint {
  std::string
      code;  ///< invalid_json, invalid_utf8, not_an_object, duplicate_key, too_deep, unknown_column, or a misfit
  std::string reason;       ///< for people
  std::string column = {};  ///< top-level or dotted name, if it is about one
};

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
