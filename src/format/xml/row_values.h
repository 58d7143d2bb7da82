#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "format/record_builder.h"
#include "format/shape.h"
#include "format/xml/record.h"

namespace mainstem::format::xml {

struct ValueOptions {
  std::string attribute_prefix;
  bool infer_dates = false;
};

/// Adds a sound record to the shape; one that passed a limit leaves no trace.
/// Errors: invalid_data, if two attributes, or an attribute and the text, would be one column; resource_exhausted, for
/// more columns than a table can have.
Result<void> observe_record(const Record& record, const ValueOptions& options, ShapeRecorder& recorder);

/// Appends one record to `rows`: kept if it is sound, else discarded, and then the complaint says why.
Result<std::optional<Complaint>> append_record(const Record& record, const ValueOptions& options, RecordBuilder& rows);

}  // namespace mainstem::format::xml
