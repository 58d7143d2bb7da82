#include "connectors/files/partition_split.h"

#include <algorithm>
#include <arrow/array.h>
#include <arrow/compute/api.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <unordered_map>

#include "columnar/status.h"

namespace mainstem::connectors::files {
namespace {

using columnar::from_arrow;

// A number for each row, equal for rows of one partition, counting from 0.
struct Groups {
  std::vector<uint32_t> of_row;
  std::vector<int64_t> first_row;  ///< of each group
};

Result<void> refine(Groups& groups, const std::shared_ptr<arrow::Array>& column) {
  auto options = arrow::compute::DictionaryEncodeOptions::Defaults();
  options.null_encoding_behavior = arrow::compute::DictionaryEncodeOptions::ENCODE;
  MS_ASSIGN(const auto encoded, from_arrow(arrow::compute::DictionaryEncode(column, options)));
  const auto array = std::static_pointer_cast<arrow::DictionaryArray>(encoded.make_array());
  const auto& indices = static_cast<const arrow::Int32Array&>(*array->indices());
  std::unordered_map<uint64_t, uint32_t> numbers;
  std::vector<int64_t> first_row;
  for (size_t row = 0; row < groups.of_row.size(); ++row) {
    const auto index = static_cast<uint32_t>(indices.Value(static_cast<int64_t>(row)));
    const uint64_t pair = (uint64_t{groups.of_row[row]} << 32U) | index;
    const auto [it, added] = numbers.try_emplace(pair, static_cast<uint32_t>(first_row.size()));
    if (added) first_row.push_back(static_cast<int64_t>(row));
    groups.of_row[row] = it->second;
  }
  groups.first_row = std::move(first_row);
  return {};
}

Result<HiveValue> value_at(const arrow::Array& column, int64_t row) {
  MS_ASSIGN(const auto scalar, from_arrow(column.GetScalar(row)));
  if (!scalar->is_valid) return HiveValue();
  if (arrow::is_base_binary_like(scalar->type->id()) || arrow::is_binary_view_like(scalar->type->id()))
    return HiveValue(static_cast<const arrow::BaseBinaryScalar&>(*scalar).view());
  return HiveValue(scalar->ToString());
}

Result<PartitionRows> describe(const arrow::RecordBatch& batch, const std::vector<std::string>& partition_by,
                               int64_t row) {
  PartitionRows partition;
  for (const auto& name : partition_by) {
    MS_ASSIGN(auto value, value_at(*batch.GetColumnByName(name), row));
    MS_ASSIGN(const auto folder, hive_folder(name, value));
    partition.folder += (partition.folder.empty() ? "" : "/") + folder;
    partition.values.push_back(std::move(value));
  }
  return partition;
}

// Row numbers of each group, one after the other.
Result<std::vector<std::shared_ptr<arrow::Array>>> rows_of(const Groups& groups) {
  std::vector<arrow::Int64Builder> builders(groups.first_row.size());
  for (size_t row = 0; row < groups.of_row.size(); ++row)
    MS_TRY(from_arrow(builders[groups.of_row[row]].Append(static_cast<int64_t>(row))));
  std::vector<std::shared_ptr<arrow::Array>> rows;
  for (auto& builder : builders) {
    MS_ASSIGN(auto array, from_arrow(builder.Finish()));
    rows.push_back(std::move(array));
  }
  return rows;
}

}  // namespace

Result<std::vector<PartitionRows>> split_by_partition(const arrow::RecordBatch& batch,
                                                      const std::vector<std::string>& partition_by,
                                                      const std::shared_ptr<arrow::Schema>& file_schema) {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int i = 0; i < batch.num_columns(); ++i)
    if (std::ranges::find(partition_by, batch.column_name(i)) == partition_by.end()) columns.push_back(batch.column(i));
  const auto stripped = arrow::RecordBatch::Make(file_schema, batch.num_rows(), std::move(columns));
  std::vector<PartitionRows> partitions;
  if (batch.num_rows() == 0) return partitions;
  Groups groups{.of_row = std::vector<uint32_t>(static_cast<size_t>(batch.num_rows())), .first_row = {0}};
  for (const auto& name : partition_by) MS_TRY(refine(groups, batch.GetColumnByName(name)));
  for (const int64_t row : groups.first_row) {
    MS_ASSIGN(auto partition, describe(batch, partition_by, row));
    partitions.push_back(std::move(partition));
  }
  if (partitions.size() == 1) {
    partitions.front().rows = stripped;
    return partitions;
  }
  MS_ASSIGN(const auto rows, rows_of(groups));
  for (size_t i = 0; i < partitions.size(); ++i) {
    MS_ASSIGN(const auto taken, from_arrow(arrow::compute::Take(stripped, rows[i])));
    partitions[i].rows = taken.record_batch();
  }
  return partitions;
}

}  // namespace mainstem::connectors::files
