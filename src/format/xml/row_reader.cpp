#include "format/xml/row_reader.h"

#include <arrow/record_batch.h>
#include <deque>
#include <utility>

#include "format/xml/document.h"
#include "observability/context.h"

namespace mainstem::format::xml {
namespace {

class RowReader final : public columnar::BatchReader {
 public:
  RowReader(std::shared_ptr<const RowReaderSettings> settings, size_t input)
      : settings_(std::move(settings)), input_(*settings_->inputs[input]) {}

  Result<void> open() {
    MS_ASSIGN(document_, open_document(input_, settings_->options));
    MS_ASSIGN(builder_, RecordBuilder::make(settings_->table.columns()));
    return {};
  }

  Result<std::optional<columnar::Batch>> next(Context& context) override {
    while (ready_.empty() && !at_end_) {
      MS_TRY(context.cancellation.check());
      MS_ASSIGN(const bool more, document_->advance([&](const Record& record) { return add(record, context); }));
      at_end_ = !more;
      if (at_end_) MS_TRY(finish_batch());
    }
    if (ready_.empty()) return std::optional<columnar::Batch>();
    std::optional<columnar::Batch> batch(std::move(ready_.front()));
    ready_.pop_front();
    return batch;
  }

 private:
  Result<void> add(const Record& record, const Context& context) {
    if (!settings_->row_name.empty() && record.node(Record::kRoot).name != settings_->row_name) return {};
    MS_ASSIGN(auto complaint, append_record(record, settings_->values, *builder_));
    if (complaint)
      batch_.rejects.push_back({.object = input_.name(),
                                .line = record.line(),
                                .column = std::move(complaint->column),
                                .code = std::move(complaint->code),
                                .reason = std::move(complaint->reason),
                                .raw = record.to_xml(columnar::Reject::kMaxRawBytes)});
    ++records_;
    bytes_ += record.bytes();
    if (bytes_ >= context.batch_bytes || records_ >= context.batch_rows) return finish_batch();
    return {};
  }

  Result<void> finish_batch() {
    if (records_ == 0) return {};
    MS_ASSIGN(const auto built, builder_->finish());
    if (built != nullptr) {
      MS_ASSIGN(batch_.rows, settings_->table.arrange(*built));
    }
    ready_.push_back(std::exchange(batch_, {}));
    records_ = 0;
    bytes_ = 0;
    return {};
  }

  std::shared_ptr<const RowReaderSettings> settings_;
  io::Input& input_;
  std::unique_ptr<Document> document_;
  std::unique_ptr<RecordBuilder> builder_;
  // A stretch of the document may hold the ends of several batches.
  std::deque<columnar::Batch> ready_;
  columnar::Batch batch_;
  int64_t records_ = 0;
  int64_t bytes_ = 0;
  bool at_end_ = false;
};

}  // namespace

Result<std::unique_ptr<columnar::BatchReader>> open_rows(std::shared_ptr<const RowReaderSettings> settings,
                                                         size_t input) {
  auto reader = std::make_unique<RowReader>(std::move(settings), input);
  MS_TRY(reader->open());
  return std::unique_ptr<columnar::BatchReader>(std::move(reader));
}

}  // namespace mainstem::format::xml
