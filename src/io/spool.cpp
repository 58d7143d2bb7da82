#include "io/spool.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "columnar/status.h"
#include "io/descriptor.h"
#include "io/system_error.h"
#include "observability/context.h"

namespace mainstem::io {
namespace {

using columnar::from_arrow;

constexpr int64_t kCopyBytes = 1 << 20;

class SpooledInput final : public Input {
 public:
  SpooledInput(std::string name, std::string path) : name_(std::move(name)), path_(std::move(path)) {}
  ~SpooledInput() override { ::unlink(path_.c_str()); }

  Result<void> fill(Context& context, arrow::io::InputStream& from, Descriptor descriptor) {
    auto to = write_descriptor(std::make_shared<Descriptor>(std::move(descriptor)), path_);
    while (true) {
      MS_TRY(context.cancellation.check());
      MS_ASSIGN(const auto buffer, from_arrow(from.Read(kCopyBytes)));
      if (buffer->size() == 0) return {};
      MS_TRY(from_arrow(to->Write(buffer)));
      size_ += buffer->size();
    }
  }

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return size_; }
  std::optional<int64_t> stored_size() const override { return size_; }
  bool seekable() const override { return true; }
  bool rereadable() const override { return true; }
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    MS_ASSIGN(auto file, from_arrow(arrow::io::ReadableFile::Open(path_), "opening the copy of " + name_));
    return std::shared_ptr<arrow::io::RandomAccessFile>(std::move(file));
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    MS_ASSIGN(auto file, from_arrow(arrow::io::ReadableFile::Open(path_), "opening the copy of " + name_));
    return std::shared_ptr<arrow::io::InputStream>(std::move(file));
  }

 private:
  std::string name_;
  std::string path_;
  int64_t size_ = 0;
};

}  // namespace

Result<std::shared_ptr<Input>> spool(Context& context, Input& input) {
  auto path = context.scratch_directory + "/input-XXXXXX";
  const int number = ::mkostemp(path.data(), O_CLOEXEC);
  if (number < 0) return system_error(errno, "cannot create a file in the scratch folder " + context.scratch_directory);
  Descriptor descriptor(number);
  auto copy = std::make_shared<SpooledInput>(input.name(), path);
  MS_ASSIGN(auto stream, input.open_stream());
  MS_TRY_DURING(copy->fill(context, *stream, std::move(descriptor)), "copying " + input.name());
  return std::shared_ptr<Input>(std::move(copy));
}

Result<std::shared_ptr<Input>> make_rereadable(Context& context, std::shared_ptr<Input> input) {
  if (input->rereadable()) return input;
  return spool(context, *input);
}

}  // namespace mainstem::io
