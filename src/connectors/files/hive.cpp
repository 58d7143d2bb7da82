#include "connectors/files/hive.h"

#include <algorithm>
#include <arrow/array.h>
#include <arrow/compute/api.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <cctype>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <unordered_map>

#include "base/utf8.h"
#include "columnar/status.h"

namespace mainstem::connectors::files {
namespace {

constexpr std::string_view kNull = "__HIVE_DEFAULT_PARTITION__";
constexpr size_t kLongestName = 255;

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' || (c & 0x80) != 0;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Written as std::to_string would: a leading zero, a plus or a minus zero would not come back.
bool is_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::to_string(value) == text;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [text](size_t at, size_t length) {
    int value = -1;
    const auto part = text.substr(at, length);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return error == std::errc() && end == part.data() + part.size() ? value : -1;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 1 || day < 1) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (char c : text) {
    if (is_plain(c))
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

Result<std::string> hive_folder(std::string_view key, const HiveValue& value) {
  std::string text(kNull);
  // A text that looks like the mark of null is told from it by one encoded character.
  if (value) text = *value == kNull ? "%5F" + value->substr(1) : percent_encode(*value);
  auto name = percent_encode(key) + "=" + text;
  if (name.size() <= kLongestName) return name;
  return Error(ErrorCode::invalid_data, fmt::format("a value of partition column '{}' is too long for a folder name "
                                                    "({} bytes, at most {}): {}...",
                                                    key, name.size(), kLongestName, name.substr(0, 60)))
      .hint("partition by a shorter column");
}

Result<std::vector<HiveEntry>> hive_entries(std::string_view path) {
  std::vector<HiveEntry> entries;
  while (true) {
    const size_t end = path.find('/');
    if (end == std::string_view::npos) return entries;
    const auto part = path.substr(0, end);
    path.remove_prefix(end + 1);
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    const auto key = percent_decode(part.substr(0, equals));
    const auto text = part.substr(equals + 1);
    const auto value = percent_decode(text);
    if (!key || !value || !is_utf8(*key) || !is_utf8(*value))
      return Error(ErrorCode::invalid_data, fmt::format("folder name {} is not percent-encoded UTF-8", part))
          .hint("set `hive_partitioning: false` to read no columns from folder names");
    entries.emplace_back(*key, text == kNull ? HiveValue() : HiveValue(*value));
  }
}

std::shared_ptr<arrow::DataType> infer_hive_type(const std::vector<HiveValue>& values) {
  const auto all = [&values](bool (*fits)(std::string_view)) {
    return std::ranges::all_of(values, [fits](const auto& value) { return !value || fits(*value); });
  };
  const bool only_nulls = std::ranges::none_of(values, [](const auto& value) { return value.has_value(); });
  if (!only_nulls && all(is_integer)) return arrow::int64();
  if (!only_nulls && all(is_date)) return arrow::date32();
  return arrow::utf8();
}

Result<std::shared_ptr<arrow::Scalar>> hive_scalar(const std::shared_ptr<arrow::DataType>& type,
                                                   const HiveValue& value) {
  if (!value) return std::shared_ptr<arrow::Scalar>(arrow::MakeNullScalar(type));
  if (type->id() == arrow::Type::STRING)
    return std::shared_ptr<arrow::Scalar>(std::make_shared<arrow::StringScalar>(*value));
  return columnar::from_arrow(arrow::Scalar::Parse(type, *value), "reading a folder name");
}

bool is_hive_type(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || type.id() == arrow::Type::STRING || type.id() == arrow::Type::LARGE_STRING ||
         type.id() == arrow::Type::STRING_VIEW || type.id() == arrow::Type::BOOL || type.id() == arrow::Type::DATE32;
}

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
