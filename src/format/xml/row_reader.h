#pragma once

#include <memory>
#include <vector>

#include "columnar/batch.h"
#include "format/record_table.h"
#include "format/xml/options.h"
#include "format/xml/row_values.h"
#include "io/input.h"

namespace mainstem::format::xml {

/// What all readers of a scan share.
struct RowReaderSettings {
  ReadOptions options;
  ValueOptions values;
  std::vector<std::shared_ptr<io::Input>> inputs;
  std::string row_name;  ///< rows are only the elements of this name; empty = all that the path finds
  RecordTable table;
};

/// Reads the rows of one input.
Result<std::unique_ptr<columnar::BatchReader>> open_rows(std::shared_ptr<const RowReaderSettings> settings,
                                                         size_t input);

}  // namespace mainstem::format::xml
