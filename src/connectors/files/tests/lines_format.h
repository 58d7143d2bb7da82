#pragma once

#include <arrow/api.h>
#include <arrow/io/api.h>

#include "columnar/status.h"
#include "config/fields.h"
#include "connectors/files/formats.h"
#include "observability/context.h"

/// A text format for tests: each line of a file is a row of one text column `line`; "!bad" is a reject.
namespace mainstem::connectors::files {

struct LinesOptions {
  int skip = 0;
};

inline const config::Fields<LinesOptions>& lines_fields() {
  static const auto all = config::Fields<LinesOptions>().optional("skip", &LinesOptions::skip, "Lines to leave out.");
  return all;
}

inline std::shared_ptr<arrow::Schema> lines_schema() { return arrow::schema({arrow::field("line", arrow::utf8())}); }

class LinesReader final : public columnar::BatchReader {
 public:
  LinesReader(std::shared_ptr<io::Input> input, int skip) : input_(std::move(input)), skip_(skip) {}
  Result<std::optional<columnar::Batch>> next(Context&) override {
    if (done_) return std::optional<columnar::Batch>();
    done_ = true;
    MS_ASSIGN(auto stream, input_->open_stream());
    std::string text;
    while (true) {
      MS_ASSIGN(const auto buffer, columnar::from_arrow(stream->Read(1000)));
      if (buffer->size() == 0) break;
      text += buffer->ToString();
    }
    columnar::Batch batch;
    arrow::StringBuilder builder;
    int number = 0;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      const auto line = text.substr(at, end - at);
      at = end + 1;
      if (++number <= skip_) continue;
      if (line == "!bad")
        batch.rejects.push_back({.line = number, .code = "bad_line", .raw = line});
      else
        MS_TRY(columnar::from_arrow(builder.Append(line)));
    }
    MS_ASSIGN(auto array, columnar::from_arrow(builder.Finish()));
    batch.rows = arrow::RecordBatch::Make(lines_schema(), array->length(), {array});
    return std::optional(std::move(batch));
  }

 private:
  std::shared_ptr<io::Input> input_;
  int skip_;
  bool done_ = false;
};

class LinesScan final : public format::Scan {
 public:
  LinesScan(format::ScanRequest request, int skip)
      : request_(std::move(request)), schema_(lines_schema()), skip_(skip) {
    for (size_t i = 0; i < request_.inputs.size(); ++i) tasks_.push_back({.input = i});
  }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  const std::vector<format::ScanTask>& tasks() const override { return tasks_; }
  int64_t estimated_rows() const override { return -1; }
  std::string description() const override { return "lines"; }
  Result<std::unique_ptr<columnar::BatchReader>> open(Context&, const format::ScanTask& task) override {
    return std::unique_ptr<columnar::BatchReader>(std::make_unique<LinesReader>(request_.inputs[task.input], skip_));
  }

 private:
  format::ScanRequest request_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<format::ScanTask> tasks_;
  int skip_;
};

class LinesWriter final : public format::Writer {
 public:
  explicit LinesWriter(std::shared_ptr<arrow::io::OutputStream> stream) : stream_(std::move(stream)) {}
  Result<void> write(const arrow::RecordBatch& batch) override {
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      std::string line;
      for (const auto& column : batch.columns())
        line += (line.empty() ? "" : ",") + column->GetScalar(row).ValueOrDie()->ToString();
      MS_TRY(columnar::from_arrow(stream_->Write(line + "\n")));
    }
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  std::shared_ptr<arrow::io::OutputStream> stream_;
};

inline format::FormatSpec lines_format(std::string name = "lines", std::string extension = "txt") {
  format::FormatSpec spec{.name = std::move(name), .title = "Lines", .extensions = {std::move(extension)}};
  spec.read_options = lines_fields().shared_table();
  spec.write_options = std::make_shared<config::OptionTable>();
  spec.plan_scan = [](Context&, format::ScanRequest request) -> Result<std::unique_ptr<format::Scan>> {
    MS_ASSIGN(const auto options, lines_fields().read(request.options));
    return std::unique_ptr<format::Scan>(std::make_unique<LinesScan>(std::move(request), options.skip));
  };
  spec.open_writer = [](Context&, format::WriteRequest request) -> Result<std::unique_ptr<format::Writer>> {
    return std::unique_ptr<format::Writer>(std::make_unique<LinesWriter>(std::move(request.stream)));
  };
  return spec;
}

inline const Formats& lines_formats() {
  static const Formats all{lines_format(), lines_format("logs", "log")};
  return all;
}

}  // namespace mainstem::connectors::files
