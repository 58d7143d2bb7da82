#pragma once

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/yaml.h"
#include "connector/testkit/test_context.h"
#include "format/format.h"

namespace mainstem::format {

/// Bytes in memory as an input of any kind.
class BytesInput final : public io::Input {
 public:
  enum class Kind { seekable, rereadable, once };

  BytesInput(std::string name, std::string bytes, Kind kind)
      : name_(std::move(name)), bytes_(arrow::Buffer::FromString(std::move(bytes))), kind_(kind) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override {
    return kind_ == Kind::seekable ? std::optional<int64_t>(bytes_->size()) : std::nullopt;
  }
  std::optional<int64_t> stored_size() const override { return size(); }
  bool seekable() const override { return kind_ == Kind::seekable; }
  bool rereadable() const override { return kind_ != Kind::once; }
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    if (!seekable()) return Error(ErrorCode::unsupported, "not seekable");
    return std::shared_ptr<arrow::io::RandomAccessFile>(std::make_shared<arrow::io::BufferReader>(bytes_));
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    if (std::exchange(opened_, true) && !rereadable()) return Error(ErrorCode::unsupported, "read before");
    return std::shared_ptr<arrow::io::InputStream>(std::make_shared<arrow::io::BufferReader>(bytes_));
  }

 private:
  std::string name_;
  std::shared_ptr<arrow::Buffer> bytes_;
  Kind kind_;
  bool opened_ = false;
};

/// All that a scan gave.
struct Read {
  std::shared_ptr<arrow::Table> rows;
  std::vector<columnar::Reject> rejects;
  std::string description;
  int64_t estimated_rows = 0;
  size_t tasks = 0;

  std::string schema() const {
    std::string text;
    for (const auto& field : rows->schema()->fields())
      text += (text.empty() ? "" : ", ") + field->name() + " " + field->type()->ToString();
    return text;
  }
  /// Values of a column as text, with blanks between; "null" for nulls.
  std::string column(const std::string& name) const {
    const auto values = rows->GetColumnByName(name);
    if (values == nullptr) return "no such column";
    std::string text;
    for (int64_t i = 0; i < values->length(); ++i)
      text += (i == 0 ? "" : " ") + values->GetScalar(i).ValueOrDie()->ToString();
    return text;
  }
};

/// Reads and writes with one format. Options are written as YAML.
class FormatFixture : public ::testing::Test {
 public:
  explicit FormatFixture(FormatSpec spec) : format(std::move(spec)) {}

  FormatSpec format;
  connector::testkit::TestContext context;
  std::string name = "input";
  BytesInput::Kind kind = BytesInput::Kind::seekable;
  std::shared_ptr<arrow::Schema> declared;
  std::vector<std::string> columns;

  static config::Node options_of(const std::string& yaml) {
    auto node = config::read_yaml(yaml, "test.yaml");
    EXPECT_TRUE(node) << node.error().to_string();
    return *node;
  }

  Result<Read> try_read(const std::vector<std::string>& inputs, const std::string& yaml = "{}") {
    ScanRequest request{.inputs = {}, .options = options_of(yaml), .declared = declared, .columns = columns};
    for (const auto& bytes : inputs) request.inputs.push_back(std::make_shared<BytesInput>(name, bytes, kind));
    MS_TRY(format.check_read_options(request.options));
    MS_ASSIGN(auto scan, format.plan_scan(context, std::move(request)));
    Read read{
        .description = scan->description(), .estimated_rows = scan->estimated_rows(), .tasks = scan->tasks().size()};
    arrow::RecordBatchVector batches;
    for (const auto& task : scan->tasks()) {
      MS_ASSIGN(auto reader, scan->open(context, task));
      MS_TRY(drain(*reader, batches, read.rejects));
    }
    read.rows = arrow::Table::FromRecordBatches(scan->schema(), batches).ValueOrDie();
    EXPECT_TRUE(read.rows->ValidateFull().ok()) << read.rows->ValidateFull().ToString();
    return read;
  }
  Read read(const std::string& bytes, const std::string& yaml = "{}") {
    auto result = try_read({bytes}, yaml);
    EXPECT_TRUE(result) << result.error().to_string();
    return result ? *std::move(result)
                  : Read{.rows = arrow::Table::FromRecordBatches(arrow::schema({}), {}).ValueOrDie()};
  }
  /// The error of a read that must fail.
  std::string error(const std::string& bytes, const std::string& yaml = "{}") {
    auto result = try_read({bytes}, yaml);
    return result ? "no error" : std::move(result).error().to_string();
  }

  Result<std::string> try_write(const arrow::Table& table, const std::string& yaml = "{}") {
    auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
    const auto options = options_of(yaml);
    MS_TRY(format.check_write_options(options));
    MS_ASSIGN(auto writer,
              format.open_writer(context, {.stream = stream, .schema = table.schema(), .options = options}));
    arrow::TableBatchReader batches(table);
    batches.set_chunksize(3);
    for (std::shared_ptr<arrow::RecordBatch> batch; batches.ReadNext(&batch).ok() && batch != nullptr;)
      MS_TRY(writer->write(*batch));
    MS_TRY(writer->finish());
    return stream->Finish().ValueOrDie()->ToString();
  }

 private:
  Result<void> drain(columnar::BatchReader& reader, arrow::RecordBatchVector& batches,
                     std::vector<columnar::Reject>& rejects) {
    for (;;) {
      MS_ASSIGN(auto batch, reader.next(context));
      if (!batch) return {};
      if (batch->rows != nullptr) batches.push_back(batch->rows);
      for (auto& reject : batch->rejects) rejects.push_back(std::move(reject));
    }
  }
};

}  // namespace mainstem::format
