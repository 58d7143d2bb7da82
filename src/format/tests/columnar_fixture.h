#pragma once

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <gtest/gtest.h>
#include <limits>

#include "connector/testkit/test_context.h"
#include "format/format.h"

namespace mainstem::format {

using connector::testkit::TestContext;

template <class T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
  return *std::move(result);
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << result.error().to_string();
}

/// A file that is a buffer.
class BufferInput final : public io::Input {
 public:
  BufferInput(std::string name, std::shared_ptr<arrow::Buffer> bytes)
      : name_(std::move(name)), bytes_(std::move(bytes)) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return bytes_->size(); }
  std::optional<int64_t> stored_size() const override { return bytes_->size(); }
  bool seekable() const override { return true; }
  bool rereadable() const override { return true; }
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    return std::shared_ptr<arrow::io::RandomAccessFile>(std::make_shared<arrow::io::BufferReader>(bytes_));
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    return std::shared_ptr<arrow::io::InputStream>(std::make_shared<arrow::io::BufferReader>(bytes_));
  }

 private:
  std::string name_;
  std::shared_ptr<arrow::Buffer> bytes_;
};

inline config::Node options_of(std::vector<std::pair<std::string, std::string>> pairs) {
  std::vector<std::pair<std::string, config::Node>> entries;
  for (auto& [key, value] : pairs) entries.emplace_back(key, config::Node::scalar(value));
  return config::Node::map(std::move(entries));
}

inline Result<std::shared_ptr<arrow::Buffer>> try_write(const FormatSpec& format, Context& context,
                                                        const arrow::RecordBatchVector& batches,
                                                        const std::shared_ptr<arrow::Schema>& schema,
                                                        const config::Node& options = {}) {
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  MS_ASSIGN(auto writer, format.open_writer(context, {.stream = stream, .schema = schema, .options = options}));
  for (const auto& batch : batches) MS_TRY(writer->write(*batch));
  MS_TRY(writer->finish());
  EXPECT_FALSE(stream->closed());
  return stream->Finish().ValueOrDie();
}

inline std::shared_ptr<io::Input> written(const FormatSpec& format, Context& context, const std::string& name,
                                          const arrow::RecordBatchVector& batches, const config::Node& options = {}) {
  return std::make_shared<BufferInput>(name,
                                       must(try_write(format, context, batches, batches.front()->schema(), options)));
}

inline std::shared_ptr<arrow::RecordBatch> batch_of(
    const std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays.front()->length(), arrays);
}

/// Everything a scan gives.
struct Everything {
  arrow::RecordBatchVector batches;
  std::vector<columnar::Reject> rejects;

  int64_t rows() const {
    int64_t total = 0;
    for (const auto& batch : batches) total += batch->num_rows();
    return total;
  }
  std::shared_ptr<arrow::RecordBatch> one(const std::shared_ptr<arrow::Schema>& schema) const {
    if (batches.empty()) return arrow::RecordBatch::MakeEmpty(schema).ValueOrDie();
    return arrow::ConcatenateRecordBatches(batches).ValueOrDie();
  }
};

inline Result<Everything> read_tasks(Context& context, Scan& scan) {
  Everything all;
  for (const auto& task : scan.tasks()) {
    MS_ASSIGN(const auto reader, scan.open(context, task));
    while (true) {
      MS_ASSIGN(auto batch, reader->next(context));
      if (!batch) break;
      for (auto& reject : batch->rejects) all.rejects.push_back(std::move(reject));
      if (batch->rows == nullptr) continue;
      EXPECT_TRUE(batch->rows->ValidateFull().ok());
      EXPECT_TRUE(batch->rows->schema()->Equals(*scan.schema()));
      all.batches.push_back(batch->rows);
    }
  }
  return all;
}

inline Result<std::unique_ptr<Scan>> plan(const FormatSpec& format, Context& context,
                                          std::vector<std::shared_ptr<io::Input>> inputs,
                                          std::vector<std::string> columns = {},
                                          std::shared_ptr<arrow::Schema> declared = nullptr) {
  return format.plan_scan(
      context,
      {.inputs = std::move(inputs), .options = {}, .declared = std::move(declared), .columns = std::move(columns)});
}

}  // namespace mainstem::format
