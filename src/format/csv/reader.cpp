#include "format/csv/reader.h"

#include <algorithm>
#include <arrow/api.h>
#include <fmt/format.h>

#include "columnar/status.h"
#include "observability/context.h"

namespace mainstem::format::csv {
namespace {

using columnar::Reject;

std::string code_of(Fault fault) {
  switch (fault) {
    case Fault::too_many_fields: return "too_many_fields";
    case Fault::too_few_fields: return "too_few_fields";
    case Fault::unterminated_quote: return "unterminated_quote";
    case Fault::text_after_quote: return "text_after_quote";
    case Fault::field_too_large: return "field_too_large";
    case Fault::record_too_large: return "record_too_large";
    case Fault::invalid_utf8: return "invalid_utf8";
    case Fault::nul_byte: return "nul_byte";
  }
  return "invalid_record";
}

std::string reason_of(const FaultyRecord& record, size_t columns) {
  switch (record.fault) {
    case Fault::too_many_fields:
    case Fault::too_few_fields: return fmt::format("{} fields instead of {}", record.found, columns);
    case Fault::unterminated_quote:
      return fmt::format("the quote that opens field {} is not closed properly; reading goes on at the next line",
                         record.field + 1);
    case Fault::text_after_quote: return fmt::format("text behind the closing quote of field {}", record.field + 1);
    case Fault::field_too_large: return "a field is larger than max_field_size, or its quote is never closed";
    case Fault::record_too_large: return "the record is more than twice as large as max_field_size";
    case Fault::invalid_utf8:
      return "bytes that are no UTF-8 text; if the file has another encoding, give the option encoding";
    case Fault::nul_byte: return "a NUL byte";
  }
  return "";
}

/// Bytes of a row in arrays, without texts.
size_t fixed_row_bytes(const arrow::Schema& schema) {
  size_t bytes = 0;
  for (const auto& field : schema.fields()) {
    const int width = field->type()->bit_width();
    bytes += width > 0 ? static_cast<size_t>(width) / 8 + 1 : 5;
  }
  return std::max<size_t>(bytes, 1);
}

class Reader final : public columnar::BatchReader {
 public:
  Reader(std::shared_ptr<const ReadPlan> plan, std::shared_ptr<const SourceFile> source, Part part)
      : plan_(std::move(plan)),
        source_(std::move(source)),
        stream_(*source_, part, plan_->dialect, static_cast<size_t>(plan_->file_schema->num_fields())),
        row_bytes_(fixed_row_bytes(*plan_->schema)) {}

  Result<void> make_columns() {
    const auto& schema = *plan_->file_schema;
    readers_.resize(static_cast<size_t>(schema.num_fields()));
    for (int i = 0; i < schema.num_fields(); ++i) {
      const auto column = static_cast<size_t>(i);
      const bool wanted = std::ranges::find(plan_->wanted, i) != plan_->wanted.end();
      if (!wanted && !plan_->fallible[column]) continue;
      MS_ASSIGN_DURING(readers_[column], make_column_reader(schema.field(i)->type(), plan_->rules, plan_->binary),
                       "reading column " + schema.field(i)->name());
    }
    return {};
  }

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    const auto bytes = static_cast<size_t>(std::max<int64_t>(context.batch_bytes, 1));
    const auto rows = static_cast<size_t>(std::max<int64_t>(context.batch_rows, 1));
    MS_ASSIGN(const bool more,
              stream_.next(context, {.max_rows = std::clamp<size_t>(bytes / row_bytes_, 1, rows), .max_bytes = bytes}));
    if (!more) return std::nullopt;
    columnar::Batch batch;
    faulty_ = stream_.index().faulty;
    bad_.clear();
    RecordIndex kept;
    const RecordIndex* index = &stream_.index();
    MS_ASSIGN(auto arrays, read_columns(*index));
    if (!bad_.empty()) {
      // The rows that are rejects are taken out, and the others read once more: rare, and simpler than to cut arrays.
      keep_good(*index, kept);
      MS_ASSIGN(arrays, read_columns(kept));
      index = &kept;
    }
    batch.rejects = make_rejects(stream_.index());
    if (index->rows == 0) return batch;
    batch.rows = arrow::RecordBatch::Make(plan_->schema, static_cast<int64_t>(index->rows), std::move(arrays));
    return batch;
  }

 private:
  using Arrays = std::vector<std::shared_ptr<arrow::Array>>;

  Result<Arrays> read_columns(const RecordIndex& index) {
    Arrays all(readers_.size());
    for (size_t column = 0; column < readers_.size(); ++column) {
      if (readers_[column] == nullptr) continue;
      Cells cells(stream_.text(), index, column, plan_->dialect, plan_->nulls);
      const size_t before = bad_.size();
      MS_ASSIGN(all[column], readers_[column]->read(cells, bad_));
      for (size_t i = before; i < bad_.size(); ++i) bad_columns_.resize(i + 1, column);
    }
    Arrays arrays;
    for (const int column : plan_->wanted) arrays.push_back(all[static_cast<size_t>(column)]);
    return arrays;
  }

  void keep_good(const RecordIndex& index, RecordIndex& kept) {
    constexpr size_t none = std::numeric_limits<size_t>::max();
    std::vector<size_t> first_bad(index.rows, none);
    for (size_t i = 0; i < bad_.size(); ++i)
      if (first_bad[bad_[i].row] == none) first_bad[bad_[i].row] = i;
    kept.columns = index.columns;
    for (size_t row = 0; row < index.rows; ++row) {
      const auto ends = index.ends.begin() + static_cast<std::ptrdiff_t>(row * index.columns);
      const auto last = ends + static_cast<std::ptrdiff_t>(index.columns);
      if (first_bad[row] == none) {
        kept.begins.push_back(index.begins[row]);
        kept.ends.insert(kept.ends.end(), ends, last);
        ++kept.rows;
      } else {
        bad_rows_.push_back({.begin = index.begins[row], .end = *(last - 1), .field = first_bad[row]});
      }
    }
  }

  std::vector<Reject> make_rejects(const RecordIndex& index) {
    std::vector<Reject> rejects;
    for (const auto& record : faulty_) {
      rejects.push_back(
          start_reject(record.begin, record.end, code_of(record.fault), reason_of(record, index.columns)));
      const bool in_column = record.fault != Fault::too_few_fields && record.fault != Fault::too_many_fields &&
                             record.field < index.columns;
      if (in_column) rejects.back().column = column_name(record.field);
    }
    for (const auto& row : bad_rows_) {
      const auto& bad = bad_[row.field];
      rejects.push_back(start_reject(row.begin, row.end, bad.code, bad.reason));
      rejects.back().column = column_name(bad_columns_[row.field]);
    }
    bad_rows_.clear();
    bad_columns_.clear();
    place(rejects);
    return rejects;
  }

  // For the time being the offset is the position in the text.
  Reject start_reject(size_t begin, size_t end, std::string code, std::string reason) const {
    return {.object = source_->name,
            .byte_offset = static_cast<int64_t>(begin),
            .code = std::move(code),
            .reason = std::move(reason),
            .raw = printable({stream_.text() + begin, end - begin}, Reject::kMaxRawBytes)};
  }

  void place(std::vector<Reject>& rejects) const {
    std::ranges::sort(rejects, {}, &Reject::byte_offset);
    size_t position = 0;
    Place at = stream_.text_place();
    for (auto& reject : rejects) {
      const auto next = static_cast<size_t>(reject.byte_offset);
      at = stream_.place_of(next, position, at);
      position = next;
      reject.byte_offset = at.offset;
      reject.line = at.line;
    }
  }

  std::string column_name(size_t column) const { return plan_->file_schema->field(static_cast<int>(column))->name(); }

  struct BadRow {
    uint32_t begin;
    uint32_t end;
    size_t field;  // index in bad_
  };

  std::shared_ptr<const ReadPlan> plan_;
  std::shared_ptr<const SourceFile> source_;
  RecordStream stream_;
  size_t row_bytes_;
  std::vector<std::unique_ptr<ColumnReader>> readers_;
  std::vector<FaultyRecord> faulty_;
  std::vector<BadField> bad_;
  std::vector<size_t> bad_columns_;
  std::vector<BadRow> bad_rows_;
};

}  // namespace

Result<std::unique_ptr<columnar::BatchReader>> make_reader(std::shared_ptr<const ReadPlan> plan,
                                                           std::shared_ptr<const SourceFile> source, Part part) {
  auto reader = std::make_unique<Reader>(std::move(plan), std::move(source), part);
  MS_TRY(reader->make_columns());
  return std::unique_ptr<columnar::BatchReader>(std::move(reader));
}

}  // namespace mainstem::format::csv
