#include "run/source_frame.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/compute/initialize.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>

#include "columnar/status.h"
#include "observability/context.h"

namespace mainstem::run {
namespace {

std::vector<QuarantinedRow> to_rows(std::vector<columnar::Reject> rejects, const std::string& step, bool hide_records) {
  std::vector<QuarantinedRow> rows;
  rows.reserve(rejects.size());
  for (auto& reject : rejects) {
    // The reason may quote the value, so it goes together with the record.
    auto reason = hide_records ? "withheld: a column of this source is masked" : std::move(reject.reason);
    rows.push_back({.step = step,
                    .object = std::move(reject.object),
                    .line = reject.line,
                    .byte_offset = reject.byte_offset,
                    .column = std::move(reject.column),
                    .code = std::move(reject.code),
                    .reason = std::move(reason),
                    .record = hide_records ? "" : std::move(reject.raw)});
  }
  return rows;
}

Result<std::shared_ptr<arrow::RecordBatch>> rows_with(const std::string& column,
                                                      const std::shared_ptr<arrow::RecordBatch>& rows) {
  const auto values = rows->GetColumnByName(column);
  if (values == nullptr || values->null_count() == 0) return rows;
  MS_TRY(columnar::from_arrow(arrow::compute::Initialize()));
  MS_ASSIGN(const auto known, columnar::from_arrow(arrow::compute::IsValid(values)));
  MS_ASSIGN(const auto kept, columnar::from_arrow(arrow::compute::Filter(rows, known)));
  return kept.record_batch();
}

Result<columnar::ContentHash> hash_of(const std::vector<columnar::Reject>& rejects) {
  arrow::LargeBinaryBuilder texts;
  for (const auto& reject : rejects) MS_TRY(columnar::from_arrow(texts.Append(reject.raw)));
  MS_ASSIGN(auto column, columnar::from_arrow(texts.Finish()));
  const auto schema = arrow::schema({arrow::field("raw", arrow::large_binary())});
  columnar::ContentHash hash;
  MS_TRY(hash.add(*arrow::RecordBatch::Make(schema, column->length(), {column})));
  return hash;
}

Error refusal(const columnar::Reject& reject, const SourceFrameOptions& options) {
  auto place = reject.line > 0 ? fmt::format("{}:{}", reject.object, reject.line) : reject.object;
  if (!reject.column.empty()) place += ", column " + reject.column;
  // The reason may quote the value.
  const auto& why = options.hide_records || reject.reason.empty() ? reject.code : reject.reason;
  return Error(ErrorCode::invalid_data,
               fmt::format("{}: a record of '{}' cannot become a row: {}", place, options.step, why))
      .hint("mend the record, or let the contract of the source say 'bad_rows: quarantine'");
}

}  // namespace

class SourceFrame::Part final : public engine::BatchStream {
 public:
  Part(SourceFrame& frame, std::unique_ptr<connector::BatchReader> reader)
      : frame_(frame), reader_(std::move(reader)) {}

  Result<std::shared_ptr<arrow::RecordBatch>> next() override {
    while (!ended_) {
      MS_TRY(frame_.context_.cancellation.check());
      if (frame_.slice_is_full()) break;
      auto given = patiently(frame_.context_, frame_.pace_, [this] { return reader_->next(frame_.context_); });
      if (!given) return std::move(given).error().during("reading " + frame_.step());
      if (!given->has_value()) break;
      MS_ASSIGN(auto rows, take(**given));
      if (rows != nullptr && rows->num_rows() > 0) return rows;
    }
    if (!ended_) frame_.part_ended(std::move(last_));
    ended_ = true;
    return std::shared_ptr<arrow::RecordBatch>();
  }

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> take(columnar::Batch& batch) {
    auto& counters = frame_.counters_;
    const auto rejected = static_cast<int64_t>(batch.rejects.size());
    const auto& options = frame_.options_;
    if (options.refuse_rejects && rejected > 0)
      return refusal(batch.rejects.front(), options).during("reading " + options.step);
    if (options.hash && rejected > 0) {
      MS_ASSIGN(const auto hash, hash_of(batch.rejects));
      frame_.add_to(frame_.rejects_hash_, hash);
    }
    MS_TRY(frame_.quarantine_.add(to_rows(std::move(batch.rejects), options.step, options.hide_records)));
    counters.rows_quarantined += rejected;
    if (!batch.position.bytes.empty()) last_ = std::move(batch.position);
    auto rows = std::move(batch.rows);
    const int64_t read = rows == nullptr ? 0 : rows->num_rows();
    counters.rows_read += read + rejected;
    if (read == 0) return rows;
    if (options.filter != nullptr) {
      MS_ASSIGN_DURING(rows, options.filter->apply(rows), "reading " + options.step);
    }
    if (!options.only_with.empty()) {
      const int64_t all = rows->num_rows();
      MS_ASSIGN(rows, rows_with(options.only_with, rows));
      frame_.left_out_ += all - rows->num_rows();
    }
    counters.rows_filtered += read - rows->num_rows();
    if (options.hash) {
      columnar::ContentHash hash;
      MS_TRY(hash.add(*rows));
      frame_.add_to(frame_.hash_, hash);
    }
    counters.rows_written += rows->num_rows();
    counters.bytes += arrow::util::TotalBufferSize(*rows);
    return rows;
  }

  SourceFrame& frame_;
  std::unique_ptr<connector::BatchReader> reader_;
  columnar::Position last_;
  bool ended_ = false;
};

SourceFrame::SourceFrame(const Surroundings& surroundings, std::unique_ptr<connector::PlannedRead> read,
                         SourceFrameOptions options)
    : context_(surroundings.context),
      read_(std::move(read)),
      counters_(surroundings.counters),
      quarantine_(surroundings.quarantine),
      pace_(surroundings.pace),
      options_(std::move(options)),
      slice_end_(context_.clock.now() + options_.slice.time) {
  counters_.estimated_rows = read_->plan().estimate.rows;
}

SourceFrame::~SourceFrame() = default;

engine::InputStreams SourceFrame::streams() {
  const auto& plan = read_->plan();
  return {.schema = plan.schema,
          .parallelism = static_cast<int>(std::max<size_t>(1, std::min<size_t>(plan.partitions.size(), 64))),
          .estimated_rows = plan.estimate.rows,
          .open_next = [this] { return open_next(); }};
}

Result<std::unique_ptr<engine::BatchStream>> SourceFrame::open_next() {
  const auto& partitions = read_->plan().partitions;
  const size_t index = taken_.fetch_add(1);
  if (index >= partitions.size()) return std::unique_ptr<engine::BatchStream>();
  auto reader = patiently(context_, pace_, [&] { return read_->open(context_, partitions[index]); });
  if (!reader) return std::move(reader).error().during("reading " + step());
  return std::unique_ptr<engine::BatchStream>(std::make_unique<Part>(*this, *std::move(reader)));
}

bool SourceFrame::slice_is_full() const {
  if (!read_->plan().unbounded) return false;
  return counters_.rows_read >= options_.slice.rows || context_.clock.now() >= slice_end_;
}

void SourceFrame::add_to(columnar::ContentHash& hash, const columnar::ContentHash& more) {
  const std::lock_guard lock(mutex_);
  hash.merge(more);
}

void SourceFrame::part_ended(columnar::Position last) {
  const std::lock_guard lock(mutex_);
  if (!last.bytes.empty()) last_ = std::move(last);
  ++ended_;
}

bool SourceFrame::complete() const {
  const std::lock_guard lock(mutex_);
  return ended_ == read_->plan().partitions.size();
}

std::optional<columnar::Position> SourceFrame::position() const {
  if (options_.filter != nullptr) return options_.filter->position();
  if (auto position = read_->position()) return position;
  if (read_->plan().upper) return read_->plan().upper;
  const std::lock_guard lock(mutex_);
  return last_;
}

Result<void> SourceFrame::acknowledge() {
  const auto position = this->position();
  if (!complete() || !position) return {};
  return patiently(context_, pace_, [&] { return read_->acknowledge(context_, *position); });
}

columnar::ContentHash SourceFrame::hash() const {
  const std::lock_guard lock(mutex_);
  return hash_;
}

columnar::ContentHash SourceFrame::rejects_hash() const {
  const std::lock_guard lock(mutex_);
  return rejects_hash_;
}

}  // namespace mainstem::run
