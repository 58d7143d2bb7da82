#pragma once

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "config/yaml.h"
#include "connector/testkit/test_context.h"
#include "format/csv/scan.h"
#include "format/csv/writer.h"

namespace mainstem::format::csv {

/// A text as an input; a stream can be read once, as standard input.
class MemoryInput final : public io::Input {
 public:
  explicit MemoryInput(std::string text, bool seekable = true) : text_(std::move(text)), seekable_(seekable) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return static_cast<int64_t>(text_.size()); }
  std::optional<int64_t> stored_size() const override { return size(); }
  bool seekable() const override { return seekable_; }
  bool rereadable() const override { return seekable_; }
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    return std::shared_ptr<arrow::io::RandomAccessFile>(arrow::io::BufferReader::FromString(text_));
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    return std::shared_ptr<arrow::io::InputStream>(arrow::io::BufferReader::FromString(text_));
  }

 private:
  std::string name_ = "test.csv";
  std::string text_;
  bool seekable_;
};

/// All that a scan gave.
struct ReadResult {
  std::shared_ptr<arrow::Schema> schema;
  std::shared_ptr<arrow::Table> table;
  std::vector<columnar::Reject> rejects;
  std::string description;
  int64_t estimated_rows = 0;

  int64_t rows() const { return table->num_rows(); }
  /// One column as "a|b|null".
  std::string column(const std::string& name) const {
    std::string text;
    const auto chunks = table->GetColumnByName(name);
    CHECK(chunks != nullptr, "the test names a column that exists");
    for (int64_t row = 0; row < chunks->length(); ++row) {
      if (row > 0) text += '|';
      const auto value = chunks->GetScalar(row).ValueOrDie();
      text += value->is_valid ? value->ToString() : "null";
    }
    return text;
  }
  std::string type(const std::string& name) const { return schema->GetFieldByName(name)->type()->ToString(); }
  /// "line:code line:code".
  std::string reject_list() const {
    std::string text;
    for (const auto& reject : rejects)
      text += (text.empty() ? "" : " ") + std::to_string(reject.line) + ":" + reject.code;
    return text;
  }
};

inline config::Node options_of(const std::string& yaml) {
  if (yaml.empty()) return config::Node::map({});
  auto node = config::read_yaml(yaml, "options");
  CHECK(node.has_value(), "the test's options are YAML");
  return *std::move(node);
}

struct ReadSetup {
  std::string options = "";
  std::shared_ptr<arrow::Schema> declared = nullptr;
  std::vector<std::string> columns = {};
  int64_t batch_rows = 65'536;
  int64_t batch_bytes = 1 << 20;
  bool seekable = true;
};

inline Result<ReadResult> read_all(const std::vector<std::string>& texts, const ReadSetup& setup = {}) {
  connector::testkit::TestContext test;
  test.context.batch_rows = setup.batch_rows;
  test.context.batch_bytes = setup.batch_bytes;
  ScanRequest request{.inputs = {}, .options = options_of(setup.options), .declared = setup.declared};
  request.columns = setup.columns;
  for (const auto& text : texts) request.inputs.push_back(std::make_shared<MemoryInput>(text, setup.seekable));
  MS_ASSIGN(const auto scan, plan_scan(test, std::move(request)));
  ReadResult result{.schema = scan->schema(), .table = nullptr};
  result.description = scan->description();
  result.estimated_rows = scan->estimated_rows();
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (const auto& task : scan->tasks()) {
    MS_ASSIGN(const auto reader, scan->open(test, task));
    for (;;) {
      MS_ASSIGN(auto batch, reader->next(test));
      if (!batch) break;
      for (auto& reject : batch->rejects) result.rejects.push_back(std::move(reject));
      if (batch->rows == nullptr) continue;
      CHECK(batch->rows->ValidateFull().ok(), "a batch is valid Arrow data");
      CHECK(batch->rows->schema()->Equals(*scan->schema()), "a batch has the schema of its scan");
      batches.push_back(std::move(batch->rows));
    }
  }
  result.table = arrow::Table::FromRecordBatches(scan->schema(), batches).ValueOrDie();
  return result;
}

inline Result<ReadResult> read_text(const std::string& text, const ReadSetup& setup = {}) {
  return read_all({text}, setup);
}

inline Result<std::string> write_text(const arrow::RecordBatch& batch, const std::string& options = "") {
  connector::testkit::TestContext test;
  auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  MS_ASSIGN(auto writer,
            open_writer(test, {.stream = stream, .schema = batch.schema(), .options = options_of(options)}));
  MS_TRY(writer->write(batch));
  MS_TRY(writer->finish());
  return stream->Finish().ValueOrDie()->ToString();
}

}  // namespace mainstem::format::csv
