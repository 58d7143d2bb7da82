#pragma once

#include <string>
#include <vector>

#include "format/csv/dialect.h"

namespace mainstem::format::csv {

struct SampleField {
  std::string text;
  bool quoted = false;
};

/// The first records of a sample, with any number of fields each.
struct SampleRecords {
  std::vector<std::vector<SampleField>> records;
  size_t first_end = 0;      ///< behind the first record
  int64_t first_lines = 0;   ///< physical lines up to there
  size_t faulty_before = 0;  ///< records with broken quotes among them
};
SampleRecords fields_of_records(const Dialect& dialect, const Sample& sample, size_t most);

}  // namespace mainstem::format::csv
