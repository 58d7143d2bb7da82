#include "format/parquet/dictionary_choice.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <bit>
#include <cmath>
#include <functional>
#include <string_view>

namespace mainstem::format::parquet {
namespace {

constexpr int64_t kSampleRows = 4096;
// Fewer rows tell nothing, and then a dictionary is small.
constexpr int64_t kLeastRows = 256;

// Bytes of a value in the file; 0 where no dictionary is judged.
int64_t stored_width(const arrow::DataType& type) {
  if (arrow::is_decimal(type.id())) {
    const int precision = static_cast<const arrow::DecimalType&>(type).precision();
    return precision <= 9 ? 4 : precision <= 18 ? 8 : arrow::DecimalType::DecimalSize(precision);
  }
  const bool judged = arrow::is_integer(type.id()) || arrow::is_floating(type.id()) || arrow::is_temporal(type.id()) ||
                      type.id() == arrow::Type::FIXED_SIZE_BINARY;
  // Parquet has no integers of less than four bytes.
  return judged ? std::max(type.byte_width(), 4) : 0;
}

struct Counted {
  int64_t values = 0;
  int64_t distinct = 0;
};

Counted count(const arrow::Array& column) {
  const auto width = static_cast<size_t>(column.type()->byte_width());
  const auto* values = column.data()->GetValues<char>(1, column.offset() * static_cast<int64_t>(width));
  std::vector<size_t> hashes;
  for (int64_t row = 0; row < std::min(column.length(), kSampleRows); ++row)
    if (column.IsValid(row))
      hashes.push_back(std::hash<std::string_view>()({values + static_cast<size_t>(row) * width, width}));
  std::sort(hashes.begin(), hashes.end());
  const auto end = std::unique(hashes.begin(), hashes.end());
  return {.values = static_cast<int64_t>(hashes.size()), .distinct = end - hashes.begin()};
}

bool pays_off(const arrow::Array& column, int64_t width, int64_t group_rows) {
  const auto [values, distinct] = count(column);
  if (values < kLeastRows) return true;
  const auto rows = static_cast<double>(group_rows);
  const double kept = expected_distinct(values, distinct, group_rows);
  const double page = kept * static_cast<double>(width);
  const double indices = rows * std::bit_width(static_cast<uint64_t>(kept)) / 8;
  return page <= kDictionaryBytes && page + indices < rows * static_cast<double>(width);
}

}  // namespace

double expected_distinct(int64_t sample, int64_t distinct, int64_t rows) {
  const auto drawn = [](double values, int64_t times) {
    return values * -std::expm1(-static_cast<double>(times) / values);
  };
  if (distinct >= sample) return static_cast<double>(rows);
  auto low = static_cast<double>(distinct);
  double high = static_cast<double>(sample) * static_cast<double>(sample);
  // `drawn` grows with the number of values; sixty halvings are more than its digits.
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (drawn(middle, sample) < static_cast<double>(distinct) ? low : high) = middle;
  }
  return drawn(high, rows);
}

std::vector<std::string> columns_of_few_repeats(const arrow::RecordBatch& sample, int64_t group_rows) {
  std::vector<std::string> names;
  for (int i = 0; i < sample.num_columns(); ++i) {
    const int64_t width = stored_width(*sample.schema()->field(i)->type());
    if (width > 0 && !pays_off(*sample.column(i), width, group_rows)) names.push_back(sample.column_name(i));
  }
  return names;
}

}  // namespace mainstem::format::parquet
