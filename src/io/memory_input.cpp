#include "io/memory_input.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <atomic>
#include <utility>

#include "io/compression.h"

namespace mainstem::io {
namespace {

class MemoryInput final : public Input {
 public:
  MemoryInput(std::string name, std::string bytes, MemoryInputOptions options)
      : name_(std::move(name)), bytes_(arrow::Buffer::FromString(std::move(bytes))), options_(options) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override {
    if (options_.compression != Compression::none || !options_.rereadable) return std::nullopt;
    return bytes_->size();
  }
  std::optional<int64_t> stored_size() const override { return bytes_->size(); }
  bool seekable() const override { return options_.seekable && options_.compression == Compression::none; }
  bool rereadable() const override { return options_.rereadable; }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    if (!seekable()) return Error(ErrorCode::unsupported, name_ + " can only be read from its beginning");
    return std::shared_ptr<arrow::io::RandomAccessFile>(std::make_shared<arrow::io::BufferReader>(bytes_));
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    if (taken_.exchange(true) && !options_.rereadable)
      return Error(ErrorCode::unsupported, name_ + " can be read only once");
    return decompress(std::make_shared<arrow::io::BufferReader>(bytes_), options_.compression, name_);
  }

 private:
  std::string name_;
  std::shared_ptr<arrow::Buffer> bytes_;
  MemoryInputOptions options_;
  std::atomic<bool> taken_{false};
};

}  // namespace

std::shared_ptr<Input> memory_input(std::string name, std::string bytes, MemoryInputOptions options) {
  return std::make_shared<MemoryInput>(std::move(name), std::move(bytes), options);
}

}  // namespace mainstem::io
