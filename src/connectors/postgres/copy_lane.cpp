#include "connectors/postgres/copy_lane.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/type_name.h"
#include "observability/context.h"

namespace mainstem::connectors::postgres {
namespace {

// Signature, no flags, no extension (documentation of COPY, "Binary Format").
constexpr std::string_view kHeader{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
constexpr size_t kMessageBytes = 1 << 20;
// How much is sent at most after the server has refused a row.
constexpr size_t kCopyBytes = 64 << 20;

Error no_such_value(const arrow::RecordBatch& batch, int column, int64_t row) {
  const auto& field = *batch.schema()->field(column);
  const auto value = batch.column(column)->GetScalar(row);
  return Error(ErrorCode::invalid_data, fmt::format("column '{}': PostgreSQL cannot hold the {} {}", field.name(),
                                                    columnar::type_name(*field.type()),
                                                    value.ok() ? (*value)->ToString().substr(0, 100) : "given"))
      .hint("times there end at microseconds and have their own range; round or cast the column in a model");
}

size_t characters_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

template <class Array>
Result<void> check_blanks(const arrow::Array& array, const std::string& column, size_t most) {
  const auto& texts = static_cast<const Array&>(array);
  for (int64_t row = 0; row < texts.length(); ++row) {
    if (texts.IsNull(row)) continue;
    const std::string_view text = texts.GetView(row);
    if (text.size() <= most || text.back() != ' ' || characters_of(text) <= most) continue;
    return Error(ErrorCode::invalid_data,
                 fmt::format("column '{}' holds {} characters: blanks at the end of '{}' would be cut off", column,
                             most, text.substr(0, 100)))
        .hint("trim the column in a model, or make it longer in the table");
  }
  return {};
}

Result<void> check_blanks(const arrow::Array& array, const std::string& column, size_t most) {
  switch (array.type_id()) {
    case arrow::Type::STRING: return check_blanks<arrow::StringArray>(array, column, most);
    case arrow::Type::LARGE_STRING: return check_blanks<arrow::LargeStringArray>(array, column, most);
    case arrow::Type::STRING_VIEW: return check_blanks<arrow::StringViewArray>(array, column, most);
    default: return {};
  }
}

}  // namespace

CopyLane::CopyLane(std::unique_ptr<Connection> connection, std::shared_ptr<arrow::Schema> schema, std::string copy,
                   Ended ended)
    : connection_(std::move(connection)),
      schema_(std::move(schema)),
      copy_(std::move(copy)),
      ended_(std::move(ended)) {}

CopyLane::~CopyLane() {
  if (ended_) ended_(-1);
}

Result<std::unique_ptr<CopyLane>> CopyLane::start(Context& context, std::unique_ptr<Connection> connection,
                                                  std::shared_ptr<arrow::Schema> schema, const std::string& copy,
                                                  Ended ended) {
  std::unique_ptr<CopyLane> lane(new CopyLane(std::move(connection), std::move(schema), copy, std::move(ended)));
  for (const auto& field : lane->schema_->fields()) {
    MS_ASSIGN(auto encoder, ColumnEncoder::make(*field->type()));
    lane->columns_.push_back(std::move(encoder));
  }
  MS_TRY(lane->connection_->run(context, "BEGIN"));
  MS_TRY(lane->begin_copy(context));
  return lane;
}

Result<void> CopyLane::begin_copy(Context& context) {
  MS_TRY(connection_->start_copy(context, copy_));
  buffer_.put_bytes(kHeader);
  sent_ = 0;
  return {};
}

Result<void> CopyLane::end_copy(Context& context) {
  buffer_.put(int16_t{-1});
  MS_TRY(send(context));
  MS_ASSIGN(const int64_t taken, connection_->finish_copy(context));
  taken_ += taken;
  return {};
}

Result<void> CopyLane::write(Context& context, const arrow::RecordBatch& batch) {
  MS_TRY(context.cancellation.check());
  if (batch.num_columns() != schema_->num_fields())
    return Error(ErrorCode::internal, "a batch has other columns than were announced");
  for (int i = 0; i < batch.num_columns(); ++i) {
    if (!batch.column(i)->type()->Equals(*schema_->field(i)->type()))
      return Error(ErrorCode::internal,
                   "a batch has other types than were announced: column " + schema_->field(i)->name());
    columns_[static_cast<size_t>(i)]->open(*batch.column(i));
  }
  for (const auto& limit : limits_)
    MS_TRY(check_blanks(*batch.column(limit.column), schema_->field(limit.column)->name(), limit.most));
  for (int64_t row = 0; row < batch.num_rows(); ++row) MS_TRY(write_row(context, batch, row));
  rows_ += batch.num_rows();
  return {};
}

Result<void> CopyLane::write_row(Context& context, const arrow::RecordBatch& batch, int64_t row) {
  buffer_.put(static_cast<int16_t>(columns_.size()));
  for (size_t i = 0; i < columns_.size(); ++i)
    if (!columns_[i]->write(row, buffer_)) return no_such_value(batch, static_cast<int>(i), row);
  if (buffer_.size() < kMessageBytes) return {};
  if (sent_ < kCopyBytes) return send(context);
  MS_TRY(end_copy(context));
  return begin_copy(context);
}

Result<void> CopyLane::send(Context& context) {
  MS_TRY(context.cancellation.check());
  // libpq counts a message's bytes in an int.
  constexpr size_t kMostBytes = 1 << 30;
  auto rest = buffer_.view();
  while (!rest.empty()) {
    MS_TRY(connection_->write_copy(context, rest.substr(0, kMostBytes)));
    rest.remove_prefix(std::min(rest.size(), kMostBytes));
  }
  sent_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<void> CopyLane::close(Context& context) {
  MS_TRY(end_copy(context));
  if (taken_ != rows_)
    return Error(ErrorCode::internal, fmt::format("{} rows were sent, the server took {}", rows_, taken_));
  MS_TRY(connection_->run(context, "COMMIT"));
  connection_.reset();
  std::exchange(ended_, nullptr)(taken_);
  return {};
}

}  // namespace mainstem::connectors::postgres
