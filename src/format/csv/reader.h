#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "format/csv/column_reader.h"
#include "format/csv/record_stream.h"

namespace mainstem::format::csv {

/// What all readers of a scan share; immutable.
struct ReadPlan {
  Dialect dialect;
  NullRules nulls;
  TypeRules rules;
  BinaryForm binary = BinaryForm::hex;
  std::shared_ptr<arrow::Schema> file_schema;  ///< all columns of the file
  std::shared_ptr<arrow::Schema> schema;       ///< the columns wanted
  std::vector<int> wanted;                     ///< indices in file_schema
  std::vector<bool> fallible;                  ///< per column: its type was declared, so that values may not fit
};

/// Reads one part of one file as batches. A record that does not fit becomes a reject with its first fault.
Result<std::unique_ptr<columnar::BatchReader>> make_reader(std::shared_ptr<const ReadPlan> plan,
                                                           std::shared_ptr<const SourceFile> source, Part part);

}  // namespace mainstem::format::csv
