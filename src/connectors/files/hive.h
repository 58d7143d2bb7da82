#pragma once

#include <arrow/type_fwd.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

/// The folder names of Apache Hive: "dt=2026-01-01/country=at". Values are percent-encoded where a path could not hold
/// them; null is __HIVE_DEFAULT_PARTITION__, and "key=" is the empty text.
namespace mainstem::connectors::files {

/// Text of a value; empty = null.
using HiveValue = std::optional<std::string>;
using HiveEntry = std::pair<std::string, HiveValue>;

/// "key=value". Errors: invalid_data if it is longer than a file name may be.
Result<std::string> hive_folder(std::string_view key, const HiveValue& value);
/// The entries of the folders of a relative path, in order; folders of other names count for nothing, and so does the
/// last part, the file. Errors: invalid_data for a bad percent-encoding or bytes that are not UTF-8.
Result<std::vector<HiveEntry>> hive_entries(std::string_view path);

std::string percent_encode(std::string_view text);
std::optional<std::string> percent_decode(std::string_view text);

/// The narrowest of int64, date32 and utf8 that gives every value back as it is written; nulls fit everywhere.
std::shared_ptr<arrow::DataType> infer_hive_type(const std::vector<HiveValue>& values);
/// Errors: invalid_data if the text is no value of the type.
Result<std::shared_ptr<arrow::Scalar>> hive_scalar(const std::shared_ptr<arrow::DataType>& type,
                                                   const HiveValue& value);
/// Types that columns of `partition_by` may have: text, integers, booleans and dates.
bool is_hive_type(const arrow::DataType& type);

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
