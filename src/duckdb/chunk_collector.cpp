#include "duckdb/chunk_collector.h"

#include <arrow/api.h>

#include "duckdb/column_collector.h"

namespace mainstem::duckdb {

ChunkCollector::ChunkCollector(std::shared_ptr<arrow::Schema> schema, duckdb_arrow_options options, BatchSize size)
    : schema_(std::move(schema)), size_(size) {
  for (const auto& field : schema_->fields()) columns_.push_back(make_column_collector(field->type(), options));
}

ChunkCollector::~ChunkCollector() = default;

Result<void> ChunkCollector::append(duckdb_data_chunk chunk, const BatchConsumer& consume) {
  const idx_t rows = api().data_chunk_get_size(chunk);
  for (size_t i = 0; i < columns_.size(); ++i)
    MS_TRY_DURING(columns_[i]->open(api().data_chunk_get_vector(chunk, i), rows),
                  "reading column " + schema_->field(static_cast<int>(i))->name());
  for (idx_t from = 0; from < rows;) {
    const auto room = static_cast<idx_t>(std::max<int64_t>(1, size_.rows - rows_));
    const idx_t count = std::min(rows - from, room);
    MS_TRY(append_rows(from, count, consume));
    from += count;
  }
  return {};
}

// Rows that would make the batch too large are halved until they fit or are one row.
Result<void> ChunkCollector::append_rows(idx_t from, idx_t count, const BatchConsumer& consume) {
  int64_t added = 0;
  for (const auto& column : columns_) added += column->measure(from, count);
  if (count > 1 && added > size_.bytes) {
    MS_TRY(append_rows(from, count / 2, consume));
    return append_rows(from + count / 2, count - count / 2, consume);
  }
  for (size_t i = 0; i < columns_.size(); ++i)
    MS_TRY_DURING(columns_[i]->append(from, count), "reading column " + schema_->field(static_cast<int>(i))->name());
  rows_ += static_cast<int64_t>(count);
  if (rows_ < size_.rows && bytes() < size_.bytes) return {};
  return flush(consume);
}

int64_t ChunkCollector::bytes() const {
  int64_t total = 0;
  for (const auto& column : columns_) total += column->bytes();
  return total;
}

Result<void> ChunkCollector::flush(const BatchConsumer& consume) {
  if (rows_ == 0) return {};
  arrow::ArrayVector arrays;
  for (const auto& column : columns_) {
    MS_ASSIGN(auto array, column->finish());
    arrays.push_back(std::move(array));
  }
  const auto batch = arrow::RecordBatch::Make(schema_, rows_, std::move(arrays));
  rows_ = 0;
  return consume(batch);
}

}  // namespace mainstem::duckdb
