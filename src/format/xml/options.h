#pragma once

#include <string>
#include <vector>

#include "base/units.h"
#include "config/fields.h"

namespace mainstem::format::xml {

struct ReadOptions {
  std::string row;
  std::string attribute_prefix;
  bool keep_namespaces = false;
  bool infer_dates = false;
  int max_depth = 64;
  ByteCount max_record = mebibytes(64);
  ByteCount max_attribute = mebibytes(1);
};

struct WriteOptions {
  std::string root = "rows";
  std::string row = "row";
};

const config::Fields<ReadOptions>& read_fields();
const config::Fields<WriteOptions>& write_fields();

/// Which elements are records.
struct RowPath {
  /// Names from the root on, or one name if `anywhere`; empty = every element directly below the root.
  std::vector<std::string> steps;
  bool anywhere = false;
};

/// Takes option `row` apart. Errors: invalid_config.
Result<RowPath> parse_row_path(const std::string& row);

}  // namespace mainstem::format::xml
