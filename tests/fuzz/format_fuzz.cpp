// Reads arbitrary bytes as one file of the format that the build names. A mistake in the file is an error or a reject;
// what comes out as rows is valid Arrow data of the promised schema.
#include <algorithm>
#include <arrow/api.h>
#include <arrow/io/api.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "format/format.h"
#include "observability/context.h"

namespace mainstem::format {
namespace {

class MemoryInput final : public io::Input {
 public:
  explicit MemoryInput(std::shared_ptr<arrow::Buffer> bytes) : bytes_(std::move(bytes)) {}

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
  std::string name_ = "fuzz";
  std::shared_ptr<arrow::Buffer> bytes_;
};

const FormatSpec& format_under_test() {
  for (const auto& format : all_formats()) {
    if (format.name == MAINSTEM_FUZZ_FORMAT) return format;
  }
  CHECK(false, "the build names a format that exists");
  __builtin_unreachable();
}

void read_task(Context& context, const Scan& scan, columnar::BatchReader& reader) {
  for (;;) {
    auto batch = reader.next(context);
    if (!batch || !*batch) return;
    const auto& rows = (*batch)->rows;
    if (!rows) continue;
    CHECK(rows->schema()->Equals(*scan.schema()), "a batch has the schema of its scan");
    CHECK(rows->ValidateFull().ok(), "a batch is valid Arrow data");
  }
}

void read_file(std::shared_ptr<arrow::Buffer> bytes) {
  Cancellation cancellation;
  SystemClock clock;
  observability::NullLog log;
  observability::MemoryBudget memory(mebibytes(256));
  Context context{.cancellation = cancellation, .clock = clock, .log = log, .memory = memory};
  // Small batches, so that small inputs cross their borders.
  context.batch_bytes = 4096;
  context.batch_rows = 7;
  context.scratch_directory = "/nonexistent";

  ScanRequest request;
  request.inputs.push_back(std::make_shared<MemoryInput>(std::move(bytes)));
  request.options = config::Node::map({});
  auto scan = format_under_test().plan_scan(context, std::move(request));
  if (!scan) return;
  for (const auto& task : (*scan)->tasks()) {
    auto reader = (*scan)->open(context, task);
    if (reader) read_task(context, **scan, **reader);
  }
}

}  // namespace
}  // namespace mainstem::format

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of its own, so that a read past the end is seen.
  auto bytes = arrow::AllocateBuffer(static_cast<int64_t>(size)).ValueOrDie();
  if (size > 0) std::copy(data, data + size, bytes->mutable_data());
  mainstem::format::read_file(std::move(bytes));
  return 0;
}
