#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "columnar/batch.h"
#include "format/json/nested_path.h"
#include "format/json/options.h"
#include "format/json/part.h"
#include "format/record_table.h"
#include "io/input.h"

namespace mainstem::format::json {

/// What all readers of a scan share.
struct RowReaderSettings {
  ReadOptions options;
  std::vector<std::shared_ptr<io::Input>> inputs;
  RecordTable table;
  std::optional<NestedPath> nested;  ///< to the lists whose elements are rows; nothing = the records are
  bool only_objects = true;          ///< of such elements
};

/// Reads the rows of one part.
Result<std::unique_ptr<columnar::BatchReader>> open_rows(std::shared_ptr<const RowReaderSettings> settings,
                                                         const Part& part);

}  // namespace mainstem::format::json
