#include "connectors/sqlite/table_reader.h"

#include <algorithm>
#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <fmt/format.h>

#include "columnar/status.h"
#include "observability/context.h"

namespace mainstem::connectors::sqlite {
namespace {

constexpr int kFirstColumn = 1;
constexpr size_t kShownBytes = 60;
constexpr int64_t kRowsPerLook = 1024;

std::string shown(const mainstem::sqlite::Statement& row, int column) {
  switch (row.type(column)) {
    case mainstem::sqlite::ValueType::blob: return fmt::format("a blob of {} bytes", row.blob(column).size());
    case mainstem::sqlite::ValueType::text:
      return fmt::format("the text '{}'", row.text(column).substr(0, kShownBytes));
    default: return fmt::format("the number {}", row.text(column));
  }
}

}  // namespace

Result<std::unique_ptr<TableReader>> TableReader::make(mainstem::sqlite::Statement statement,
                                                       std::shared_ptr<arrow::Schema> schema, std::string object) {
  auto reader =
      std::unique_ptr<TableReader>(new TableReader(std::move(statement), std::move(schema), std::move(object)));
  for (const auto& field : reader->schema_->fields()) {
    MS_ASSIGN_DURING(auto decoder, make_decoder(field->type()), "reading column " + field->name());
    reader->decoders_.push_back(std::move(decoder));
    reader->names_.push_back(field->name());
  }
  return reader;
}

columnar::Reject TableReader::reject(size_t column) const {
  const int at = kFirstColumn + static_cast<int>(column);
  const auto place =
      statement_.is_null(0) ? fmt::format("row {}", position_) : fmt::format("row id {}", statement_.integer(0));
  columnar::Reject reject{.object = object_, .column = names_[column], .code = decoders_[column]->code()};
  // The record comes first: showing a number as text converts it.
  reject.raw = row_as_json(statement_, kFirstColumn, names_);
  if (reject.raw.size() > columnar::Reject::kMaxRawBytes) reject.raw.resize(columnar::Reject::kMaxRawBytes);
  reject.reason = fmt::format("{}: {} does not fit type {}", place, shown(statement_, at),
                              schema_->field(static_cast<int>(column))->type()->ToString());
  return reject;
}

int64_t TableReader::append_row(std::vector<columnar::Reject>& rejects) {
  ++position_;
  int64_t bytes = 0;
  bool bad = false;
  for (size_t i = 0; i < decoders_.size(); ++i) {
    const int64_t size = decoders_[i]->append(statement_, kFirstColumn + static_cast<int>(i));
    if (size >= 0) {
      bytes += size;
    } else if (!bad) {
      bad = true;
      rejects.push_back(reject(i));
      bytes += static_cast<int64_t>(rejects.back().raw.size());
    }
  }
  bad_.push_back(bad);
  return bytes;
}

Result<std::shared_ptr<arrow::RecordBatch>> TableReader::finish(int64_t rows) {
  arrow::ArrayVector columns;
  for (const auto& decoder : decoders_) {
    MS_ASSIGN(auto column, decoder->finish());
    columns.push_back(std::move(column));
  }
  auto batch = arrow::RecordBatch::Make(schema_, rows, std::move(columns));
  if (std::ranges::find(bad_, true) == bad_.end()) return batch;
  arrow::BooleanBuilder good;
  for (const bool bad : bad_) MS_TRY(columnar::from_arrow(good.Append(!bad)));
  MS_ASSIGN(const auto mask, columnar::from_arrow(good.Finish()));
  MS_TRY(columnar::from_arrow(arrow::compute::Initialize()));
  MS_ASSIGN(const auto kept, columnar::from_arrow(arrow::compute::Filter(batch, mask), "taking out rejected rows"));
  return kept.record_batch();
}

Result<std::optional<columnar::Batch>> TableReader::next(Context& context) {
  if (ended_) return std::optional<columnar::Batch>();
  columnar::Batch batch;
  int64_t rows = 0;
  int64_t bytes = 0;
  bad_.clear();
  while (rows < context.batch_rows && bytes < context.batch_bytes) {
    if (rows % kRowsPerLook == 0) MS_TRY(context.cancellation.check());
    MS_ASSIGN_DURING(const bool row, statement_.step(), "reading " + object_);
    if (!row) {
      ended_ = true;
      break;
    }
    bytes += append_row(batch.rejects);
    ++rows;
  }
  if (rows == 0) return std::optional<columnar::Batch>();
  MS_ASSIGN(batch.rows, finish(rows));
  return std::optional(std::move(batch));
}

}  // namespace mainstem::connectors::sqlite
