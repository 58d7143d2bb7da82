#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "format/csv/cells.h"
#include "format/csv/inference.h"
#include "format/csv/record_stream.h"

// The pass over everything before the first row is given: types of columns, places to cut files at, and whether the
// dialect holds. Threads take blocks of a file and guess that the first line break in a block ends a record, which is
// wrong only inside quotes. A block's guess is accepted if the block before ended exactly there; otherwise the block is
// read again from the right place. A record's meaning depends on nothing before it, so that an accepted block is right.

namespace mainstem::format::csv {

/// One input with its data found.
struct DataFile {
  SourceFile source;
  Place data;
};

struct SurveyRequest {
  const std::vector<DataFile>* files = nullptr;
  Dialect dialect;
  NullRules nulls;
  TypeRules rules;
  std::vector<bool> infer;  ///< per column: its type is to be found
};

/// A stretch of whole records of one file.
struct Cut {
  size_t file = 0;
  Place begin;
  int64_t end = 0;
};

struct Survey {
  std::vector<ColumnEvidence> columns;
  std::vector<Cut> cuts;  ///< together all data, in order; at least one per file
  int64_t rows = 0;
  int64_t wrong_width = 0;  ///< records with too many or too few fields
};

Result<Survey> survey(Context& context, const SurveyRequest& request);

/// Bytes of a block that one thread takes; tests make it small.
inline constexpr int64_t kSurveyBlock = int64_t{8} << 20;
Result<Survey> survey_in_blocks(Context& context, const SurveyRequest& request, int64_t block_bytes);

}  // namespace mainstem::format::csv
