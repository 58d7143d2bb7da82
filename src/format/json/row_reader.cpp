#include "format/json/row_reader.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <utility>

#include "base/units.h"
#include "format/json/row_parser.h"
#include "format/record_builder.h"
#include "observability/context.h"

namespace mainstem::format::json {
namespace {

class RowReader final : public columnar::BatchReader {
 public:
  RowReader(std::shared_ptr<const RowReaderSettings> settings, const Part& part)
      : settings_(std::move(settings)),
        input_(*settings_->inputs[part.input]),
        parser_({.max_depth = settings_->options.max_depth, .infer_dates = settings_->options.infer_dates}) {}

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
      complaint = Complaint{.code = "record_too_large",
                            .reason = fmt::format("the record is larger than {} (option max_record)",
                                                  to_string(settings_->options.max_record))};
    } else {
      MS_ASSIGN(complaint, parser_.append(record.text, *builder_));
    }
    if (!complaint) return {};
    rejects.push_back({.object = input_.name(),
                       .line = record.line,
                       .byte_offset = record.offset,
                       .column = std::move(complaint->column),
                       .code = std::move(complaint->code),
                       .reason = std::move(complaint->reason),
                       .raw = std::string(record.text.substr(0, columnar::Reject::kMaxRawBytes))});
    return {};
  }

  std::shared_ptr<const RowReaderSettings> settings_;
  io::Input& input_;
  RowParser parser_;
  std::unique_ptr<Records> records_;
  std::unique_ptr<RecordBuilder> builder_;
};

}  // namespace

Result<std::unique_ptr<columnar::BatchReader>> open_rows(std::shared_ptr<const RowReaderSettings> settings,
                                                         const Part& part) {
  auto reader = std::make_unique<RowReader>(std::move(settings), part);
  MS_TRY(reader->open(part));
  return std::unique_ptr<columnar::BatchReader>(std::move(reader));
}

}  // namespace mainstem::format::json
