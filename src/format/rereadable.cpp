#include "format/rereadable.h"

#include <arrow/io/file.h>
#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "columnar/status.h"
#include "observability/context.h"

namespace mainstem::format {
namespace {

class SpooledInput final : public io::Input {
 public:
  SpooledInput(std::string name, std::string path) : name_(std::move(name)), path_(std::move(path)) {}
  ~SpooledInput() override {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return bytes_; }
  std::optional<int64_t> stored_size() const override { return bytes_; }
  bool seekable() const override { return true; }
  bool rereadable() const override { return true; }
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    MS_ASSIGN(auto file, columnar::from_arrow(arrow::io::ReadableFile::Open(path_), "reading a spooled input"));
    return std::shared_ptr<arrow::io::RandomAccessFile>(std::move(file));
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    MS_ASSIGN(auto file, open_file());
    return std::shared_ptr<arrow::io::InputStream>(std::move(file));
  }

  Result<void> fill(Context& context, arrow::io::InputStream& from) {
    constexpr int64_t block_bytes = 1 << 20;
    std::vector<uint8_t> block(block_bytes);
    MS_ASSIGN(auto file, columnar::from_arrow(arrow::io::FileOutputStream::Open(path_)));
    for (;;) {
      MS_TRY(context.cancellation.check());
      MS_ASSIGN(const int64_t got, columnar::from_arrow(from.Read(block_bytes, block.data())));
      if (got == 0) break;
      MS_TRY(columnar::from_arrow(file->Write(block.data(), got)));
      bytes_ += got;
    }
    return columnar::from_arrow(file->Close());
  }

 private:
  std::string name_;
  std::string path_;
  int64_t bytes_ = 0;
};

}  // namespace

Result<std::shared_ptr<io::Input>> make_rereadable(Context& context, std::shared_ptr<io::Input> input) {
  if (input->rereadable()) return input;
  static std::atomic<int64_t> number{0};
  auto path = fmt::format("{}/rereadable-{}", context.scratch_directory, number.fetch_add(1));
  auto spooled = std::make_shared<SpooledInput>(input->name(), std::move(path));
  MS_ASSIGN_DURING(auto stream, input->open_stream(), "spooling " + input->name());
  MS_TRY_DURING(spooled->fill(context, *stream), "spooling " + input->name());
  return std::shared_ptr<io::Input>(std::move(spooled));
}

}  // namespace mainstem::format
