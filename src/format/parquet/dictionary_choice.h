#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <string>
#include <vector>

namespace mainstem::format::parquet {

/// A dictionary page of this size ends the dictionary of a column chunk; the rest of the chunk is written plainly.
inline constexpr int64_t kDictionaryBytes = 1 << 20;

/// Distinct values among `rows` rows, if `distinct` were found among the first `sample` of them and each row draws
/// from as many values with the same chance: D = R (1 - e^(-rows / R)), where R solves this for the sample.
double expected_distinct(int64_t sample, int64_t distinct, int64_t rows);

/// Columns of numbers, times and other values of fixed width whose dictionary would outgrow kDictionaryBytes or save
/// nothing in a row group of `group_rows` rows, judged by the first rows of `sample`. Filling such a dictionary costs
/// more than all else that is done for the column. Texts are not judged: a wrong guess would cost too much there.
std::vector<std::string> columns_of_few_repeats(const arrow::RecordBatch& sample, int64_t group_rows);

}  // namespace mainstem::format::parquet
