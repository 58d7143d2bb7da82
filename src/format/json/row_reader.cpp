#include "format/json/row_reader.h"

#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <utility>

#include "base/units.h"
#include "format/json/element_parser.h"
#include "format/json/row_parser.h"
#include "format/record_builder.h"
#include "observability/context.h"

namespace mainstem::format::json {
namespace {

ParseOptions parse_options(const ReadOptions& options) {
  return {.max_depth = options.max_depth, .infer_dates = options.infer_dates};
}

Complaint too_large(const ReadOptions& options) {
  return {.code = "record_too_large",
          .reason = fmt::format("the record is larger than {} (option max_record)", to_string(options.max_record))};
}

// `text` is what is rejected: the record, or a part of it.
columnar::Reject to_reject(const Record& record, std::string_view text, Complaint complaint,
                           const std::string& object) {
  const bool is_part = text.data() >= record.text.data() && text.data() <= record.text.data() + record.text.size();
  return {.object = object,
          .line = record.line,
          .byte_offset = record.offset + (is_part ? text.data() - record.text.data() : 0),
          .column = std::move(complaint.column),
          .code = std::move(complaint.code),
          .reason = std::move(complaint.reason),
          .raw = std::string(text.substr(0, columnar::Reject::kMaxRawBytes))};
}

class RowReader final : public columnar::BatchReader {
 public:
  RowReader(std::shared_ptr<const RowReaderSettings> settings, const Part& part)
      : settings_(std::move(settings)),
        input_(*settings_->inputs[part.input]),
        parser_(parse_options(settings_->options)) {}

  Result<void> open(const Part& part) {
    MS_ASSIGN(records_, open_records(input_, settings_->options, part));
    MS_ASSIGN(builder_, RecordBuilder::make(settings_->table.columns()));
    return {};
  }

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    MS_TRY(context.cancellation.check());
    columnar::Batch batch;
    int64_t bytes = 0;
    int64_t records = 0;
    while (bytes < context.batch_bytes && records < context.batch_rows) {
      MS_ASSIGN_DURING(const auto record, records_->next(), "reading " + input_.name());
      if (!record) break;
      ++records;
      bytes += static_cast<int64_t>(record->text.size());
      MS_TRY(add(*record, batch.rejects));
    }
    if (records == 0) return std::optional<columnar::Batch>();
    MS_ASSIGN(const auto built, builder_->finish());
    if (built != nullptr) {
      MS_ASSIGN(batch.rows, settings_->table.arrange(*built));
    }
    return std::optional<columnar::Batch>(std::move(batch));
  }

 private:
  Result<void> add(const Record& record, std::vector<columnar::Reject>& rejects) {
    std::optional<Complaint> complaint;
    if (record.too_large) {
      complaint = too_large(settings_->options);
    } else {
      MS_ASSIGN(complaint, parser_.append(record.text, *builder_));
    }
    if (complaint) rejects.push_back(to_reject(record, record.text, *std::move(complaint), input_.name()));
    return {};
  }

  std::shared_ptr<const RowReaderSettings> settings_;
  io::Input& input_;
  RowParser parser_;
  std::unique_ptr<Records> records_;
  std::unique_ptr<RecordBuilder> builder_;
};

// Reads lists inside of the records, element by element, so that a batch may end within a record.
class ElementReader final : public columnar::BatchReader {
 public:
  ElementReader(std::shared_ptr<const RowReaderSettings> settings, const Part& part)
      : settings_(std::move(settings)),
        input_(*settings_->inputs[part.input]),
        parser_(*settings_->nested, parse_options(settings_->options), settings_->only_objects),
        number_(part.record - 1) {}

  Result<void> open(const Part& part) {
    MS_ASSIGN(records_, open_records(input_, settings_->options, part));
    MS_ASSIGN(builder_, RecordBuilder::make(settings_->table.columns()));
    return {};
  }

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    MS_TRY(context.cancellation.check());
    columnar::Batch batch;
    int64_t bytes = 0;
    int64_t steps = 0;
    for (; bytes < context.batch_bytes && builder_->records() < context.batch_rows; ++steps) {
      if (parser_.has_element()) {
        MS_ASSIGN(const auto read, read_element(batch.rejects));
        bytes += read;
        continue;
      }
      MS_ASSIGN_DURING(record_, records_->next(), "reading " + input_.name());
      if (!record_) break;
      begin_record(batch.rejects);
      if (!parser_.has_element()) bytes += static_cast<int64_t>(record_->text.size());
    }
    if (steps == 0) return std::optional<columnar::Batch>();
    MS_ASSIGN(const auto built, builder_->finish());
    if (built != nullptr) {
      MS_ASSIGN(batch.rows, settings_->table.arrange(*built));
    }
    return std::optional<columnar::Batch>(std::move(batch));
  }

 private:
  void begin_record(std::vector<columnar::Reject>& rejects) {
    ++number_;
    auto complaint = record_->too_large ? too_large(settings_->options) : parser_.begin(record_->text, number_);
    if (complaint) rejects.push_back(to_reject(*record_, record_->text, *std::move(complaint), input_.name()));
  }

  Result<int64_t> read_element(std::vector<columnar::Reject>& rejects) {
    MS_ASSIGN(auto element, parser_.append(*builder_));
    if (element.complaint)
      rejects.push_back(to_reject(*record_, element.text, *std::move(element.complaint), input_.name()));
    return static_cast<int64_t>(element.text.size());
  }

  std::shared_ptr<const RowReaderSettings> settings_;
  io::Input& input_;
  ElementParser parser_;
  int64_t number_;
  std::unique_ptr<Records> records_;
  std::unique_ptr<RecordBuilder> builder_;
  std::optional<Record> record_;  // whose elements are being read
};

template <class Reader>
Result<std::unique_ptr<columnar::BatchReader>> open(std::shared_ptr<const RowReaderSettings> settings,
                                                    const Part& part) {
  auto reader = std::make_unique<Reader>(std::move(settings), part);
  MS_TRY(reader->open(part));
  return std::unique_ptr<columnar::BatchReader>(std::move(reader));
}

}  // namespace

Result<std::unique_ptr<columnar::BatchReader>> open_rows(std::shared_ptr<const RowReaderSettings> settings,
                                                         const Part& part) {
  return settings->nested ? open<ElementReader>(settings, part) : open<RowReader>(settings, part);
}

}  // namespace mainstem::format::json
