#include "io/local_input.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "columnar/status.h"
#include "io/compression.h"
#include "io/descriptor.h"
#include "io/system_error.h"

namespace mainstem::io {
namespace {

using columnar::from_arrow;

class LocalFile final : public Input {
 public:
  LocalFile(std::string path, int64_t stored_size, Compression compression)
      : path_(std::move(path)), stored_size_(stored_size), compression_(compression) {}

  const std::string& name() const override { return path_; }
  std::optional<int64_t> size() const override { return seekable() ? std::optional(stored_size_) : std::nullopt; }
  std::optional<int64_t> stored_size() const override { return stored_size_; }
  bool seekable() const override { return compression_ == Compression::none; }
  bool rereadable() const override { return true; }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    if (!seekable())
      return Error(ErrorCode::unsupported, path_ + " is compressed and can only be read from its beginning");
    MS_ASSIGN(auto file, from_arrow(arrow::io::ReadableFile::Open(path_), "opening " + path_));
    return std::shared_ptr<arrow::io::RandomAccessFile>(std::move(file));
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    MS_ASSIGN(auto file, from_arrow(arrow::io::ReadableFile::Open(path_), "opening " + path_));
    return decompress(std::move(file), compression_, path_);
  }

 private:
  std::string path_;
  int64_t stored_size_;
  Compression compression_;
};

// First some bytes that were looked at already, then the rest of the stream.
class PrefixedStream final : public arrow::io::InputStream {
 public:
  PrefixedStream(std::string prefix, std::shared_ptr<arrow::io::InputStream> rest)
      : prefix_(std::move(prefix)), rest_(std::move(rest)) {}

  arrow::Status Close() override { return rest_->Close(); }
  bool closed() const override { return rest_->closed(); }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Result<int64_t> Read(int64_t nbytes, void* out) override {
    const auto held = std::min<int64_t>(nbytes, static_cast<int64_t>(prefix_.size()));
    if (held > 0) {
      std::memcpy(out, prefix_.data(), static_cast<size_t>(held));
      prefix_.erase(0, static_cast<size_t>(held));
    }
    ARROW_ASSIGN_OR_RAISE(const int64_t got, rest_->Read(nbytes - held, static_cast<char*>(out) + held));
    position_ += held + got;
    return held + got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t nbytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(nbytes));
    ARROW_ASSIGN_OR_RAISE(const int64_t got, Read(nbytes, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(got));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  std::string prefix_;
  std::shared_ptr<arrow::io::InputStream> rest_;
  int64_t position_ = 0;
};

// True the first time in this process: whoever reads standard input or a pipe without a name again (as /dev/fd/63)
// would find it empty, as if it had held nothing. Devices and named pipes may give more.
bool take_once(int descriptor, bool standard) {
  static std::mutex mutex;
  static std::set<std::pair<dev_t, ino_t>> taken;
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0) return true;
  std::error_code failed;
  const auto name = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), failed).string();
  if (!standard && !name.starts_with("pipe:")) return true;
  const std::lock_guard lock(mutex);
  return taken.emplace(facts.st_dev, facts.st_ino).second;
}

// Standard input ("" as path), a pipe or a device: bytes that pass by once.
class PassingInput final : public Input {
 public:
  PassingInput(std::string path, InputOptions options)
      : path_(std::move(path)), name_(path_.empty() ? "standard input" : path_), options_(options) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return std::nullopt; }
  std::optional<int64_t> stored_size() const override { return std::nullopt; }
  bool seekable() const override { return false; }
  bool rereadable() const override { return false; }
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    return Error(ErrorCode::unsupported, name_ + " can only be read from its beginning");
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    const auto only_once = Error(ErrorCode::unsupported, name_ + " can be read only once")
                               .hint("write it to a file, which can be read again");
    if (taken_.exchange(true)) return only_once;
    auto descriptor = std::make_shared<Descriptor>();
    if (path_.empty()) {
      *descriptor = Descriptor(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
      if (descriptor->number() < 0) return system_error(errno, "cannot read standard input");
    } else {
      // A pipe that nobody writes to would hold up a plain open for ever.
      const int flags = options_.cancellation == nullptr ? O_RDONLY : O_RDONLY | O_NONBLOCK;
      MS_ASSIGN(*descriptor, open_descriptor(path_, flags));
    }
    if (!take_once(descriptor->number(), path_.empty())) return only_once;
    auto stored = read_descriptor(std::move(descriptor), name_, options_.cancellation);
    if (options_.compression) return decompress(std::move(stored), *options_.compression, name_);
    std::string first(kMagicBytes, '\0');
    MS_ASSIGN(const int64_t got, from_arrow(stored->Read(kMagicBytes, first.data())));
    first.resize(static_cast<size_t>(got));
    MS_ASSIGN(const auto compression, settle_compression(path_, first));
    return decompress(std::make_shared<PrefixedStream>(std::move(first), std::move(stored)), compression, name_);
  }

 private:
  std::string path_;
  std::string name_;
  InputOptions options_;
  std::atomic<bool> taken_{false};
};

Result<Compression> look_at_content(const std::string& path) {
  MS_ASSIGN(auto descriptor, open_descriptor(path, O_RDONLY));
  auto stream = read_descriptor(std::make_shared<Descriptor>(std::move(descriptor)), path);
  std::string first(kMagicBytes, '\0');
  MS_ASSIGN(const int64_t got, from_arrow(stream->Read(kMagicBytes, first.data())));
  first.resize(static_cast<size_t>(got));
  return settle_compression(path, first);
}

}  // namespace

Result<std::shared_ptr<Input>> open_local_file(const std::string& path, const InputOptions& options) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return system_error(errno, "cannot open " + path);
  if (S_ISDIR(facts.st_mode)) return Error(ErrorCode::invalid_config, path + " is a folder, and a file is wanted here");
  if (!S_ISREG(facts.st_mode)) return std::shared_ptr<Input>(std::make_shared<PassingInput>(path, options));
  Compression compression = options.compression.value_or(Compression::none);
  if (!options.compression) {
    MS_ASSIGN(compression, look_at_content(path));
  }
  return std::shared_ptr<Input>(std::make_shared<LocalFile>(path, facts.st_size, compression));
}

std::shared_ptr<Input> standard_input(const InputOptions& options) {
  return std::make_shared<PassingInput>("", options);
}

}  // namespace mainstem::io
