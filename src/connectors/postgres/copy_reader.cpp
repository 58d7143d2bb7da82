#include "connectors/postgres/copy_reader.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include "base/json.h"
#include "connectors/postgres/wire.h"
#include "observability/context.h"

namespace mainstem::connectors::postgres {
namespace {

using columnar::Reject;

// Signature, flags and length of an extension (documentation of COPY, "Binary Format").
constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0", 11};
constexpr size_t kHeaderBytes = 19;
constexpr int16_t kTrailer = -1;

Error malformed(const std::string& object) {
  return Error(ErrorCode::internal, "the server's binary COPY of " + object + " is not as its documentation has it");
}

}  // namespace

CopyReader::CopyReader(std::unique_ptr<Connection> connection, const CopyShape& shape, Done done)
    : connection_(std::move(connection)), shape_(shape), done_(std::move(done)), values_(shape.types.size()) {
  for (const auto& type : shape.types) columns_.push_back(ColumnDecoder::make(type, shape.decode));
}

Result<std::unique_ptr<CopyReader>> CopyReader::start(Context& context, std::unique_ptr<Connection> connection,
                                                      const CopyShape& shape, const std::string& sql, Done done) {
  MS_TRY(connection->start_copy(context, sql));
  return std::unique_ptr<CopyReader>(new CopyReader(std::move(connection), shape, std::move(done)));
}

Result<std::optional<columnar::Batch>> CopyReader::next(Context& context) {
  if (ended_) return std::optional<columnar::Batch>();
  MS_TRY(context.cancellation.check());
  columnar::Batch batch;
  int64_t bytes = 0;
  while (bytes < context.batch_bytes && rows_ < context.batch_rows) {
    MS_ASSIGN(const auto message, connection_->read_copy(context));
    if (!message) {
      ended_ = true;
      done_(std::move(connection_));
      break;
    }
    bytes += static_cast<int64_t>(message->size());
    MS_TRY(take(*message, batch.rejects));
  }
  if (rows_ > 0) {
    MS_ASSIGN(batch.rows, finish_rows());
  }
  if (ended_ && batch.rows == nullptr && batch.rejects.empty()) return std::optional<columnar::Batch>();
  return std::optional(std::move(batch));
}

Result<void> CopyReader::take(std::string_view message, std::vector<Reject>& rejects) {
  if (!header_read_) {
    if (message.size() < kHeaderBytes || !message.starts_with(kSignature)) return malformed(shape_.object);
    const auto extension = from_wire<uint32_t>(message.data() + kHeaderBytes - 4);
    if (extension > message.size() - kHeaderBytes) return malformed(shape_.object);
    message.remove_prefix(kHeaderBytes + extension);
    header_read_ = true;
  }
  while (!message.empty()) MS_TRY(take_row(message, rejects));
  return {};
}

Result<void> CopyReader::take_row(std::string_view& rest, std::vector<Reject>& rejects) {
  if (rest.size() < 2) return malformed(shape_.object);
  const auto fields = from_wire<int16_t>(rest);
  rest.remove_prefix(2);
  if (fields == kTrailer && rest.empty()) return {};
  if (static_cast<size_t>(fields) != values_.size()) return malformed(shape_.object);
  for (auto& value : values_) {
    if (rest.size() < 4) return malformed(shape_.object);
    const auto size = from_wire<int32_t>(rest);
    rest.remove_prefix(4);
    value.reset();
    if (size < 0) continue;
    if (static_cast<size_t>(size) > rest.size()) return malformed(shape_.object);
    value = rest.substr(0, static_cast<size_t>(size));
    rest.remove_prefix(static_cast<size_t>(size));
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (!values_[i]) {
      columns_[i]->append_null();
      continue;
    }
    const auto outcome = columns_[i]->append(*values_[i]);
    if (outcome == Outcome::ok) continue;
    if (outcome == Outcome::malformed)
      return malformed(shape_.object + ", column " + shape_.schema->field(static_cast<int>(i))->name());
    for (size_t before = 0; before < i; ++before) columns_[before]->truncate(rows_);
    rejects.push_back(reject(i, outcome));
    return {};
  }
  ++rows_;
  return {};
}

Reject CopyReader::reject(size_t column, Outcome outcome) const {
  JsonWriter json;
  json.begin_object();
  for (size_t i = 0; i < values_.size(); ++i) {
    json.key(shape_.schema->field(static_cast<int>(i))->name());
    if (!values_[i]) {
      json.null();
    } else {
      json.value(printed_value(shape_.types[i], values_[i]->substr(0, Reject::kMaxRawBytes)));
    }
  }
  json.end_object();
  std::string raw = json.take();
  raw.resize(std::min(raw.size(), Reject::kMaxRawBytes));
  return {.object = shape_.object,
          .column = shape_.schema->field(static_cast<int>(column))->name(),
          .code = std::string(code_of(outcome)),
          .reason = std::string(reason_of(outcome)),
          .raw = std::move(raw)};
}

Result<std::shared_ptr<arrow::RecordBatch>> CopyReader::finish_rows() {
  arrow::ArrayVector arrays;
  for (auto& column : columns_) {
    MS_ASSIGN(auto array, column->finish());
    arrays.push_back(std::move(array));
  }
  const int64_t rows = std::exchange(rows_, 0);
  return arrow::RecordBatch::Make(shape_.schema, rows, std::move(arrays));
}

}  // namespace mainstem::connectors::postgres
