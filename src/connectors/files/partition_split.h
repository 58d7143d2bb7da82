#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "connectors/files/hive.h"

namespace mainstem::connectors::files {

/// The rows of a batch that belong to one partition, without the partition columns.
struct PartitionRows {
  std::string folder;  ///< "dt=2026-01-01/country=at"; empty without partition columns
  std::vector<HiveValue> values;
  std::shared_ptr<arrow::RecordBatch> rows;
};

/// Splits a batch; rows keep their order within a partition. Errors: invalid_data for a value too long for a folder.
Result<std::vector<PartitionRows>> split_by_partition(const arrow::RecordBatch& batch,
                                                      const std::vector<std::string>& partition_by,
                                                      const std::shared_ptr<arrow::Schema>& file_schema);

}  // namespace mainstem::connectors::files
