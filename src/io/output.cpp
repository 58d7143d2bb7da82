#include "io/output.h"

#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "columnar/status.h"
#include "io/compression.h"
#include "io/descriptor.h"
#include "io/durable.h"
#include "io/system_error.h"

namespace mainstem::io {
namespace {

using columnar::from_arrow;

constexpr std::string_view kUnpublishedEnding = ".tmp";

// What files and passing streams share: the descriptor, and the compression over it.
class DescriptorTarget : public Output {
 public:
  DescriptorTarget(std::string name, std::shared_ptr<Descriptor> descriptor)
      : name_(std::move(name)), descriptor_(std::move(descriptor)), stored_(write_descriptor(descriptor_, name_)) {}

  Result<void> start(const OutputOptions& options) {
    MS_ASSIGN(stream_, compress(stored_, options.compression, options.level));
    return {};
  }

  const std::string& name() const override { return name_; }
  const std::shared_ptr<arrow::io::OutputStream>& stream() const override { return stream_; }
  int64_t stored_bytes() const override { return stored_->Tell().ValueOr(0); }
  Result<void> seal() override {
    if (sealed_) return {};
    MS_TRY_DURING(from_arrow(stream_->Close()), "writing " + name_);
    sealed_ = true;
    return make_durable();
  }

 protected:
  virtual Result<void> make_durable() = 0;
  Descriptor& descriptor() { return *descriptor_; }

 private:
  std::string name_;
  std::shared_ptr<Descriptor> descriptor_;
  std::shared_ptr<arrow::io::OutputStream> stored_;
  std::shared_ptr<arrow::io::OutputStream> stream_;
  bool sealed_ = false;
};

// Bytes are gone as soon as they are written: standard output, a pipe, a device.
class PassingOutput final : public DescriptorTarget {
 public:
  using DescriptorTarget::DescriptorTarget;
  bool atomic() const override { return false; }
  Result<void> publish() override { return seal(); }

 protected:
  Result<void> make_durable() override { return {}; }
};

class FileOutput final : public DescriptorTarget {
 public:
  FileOutput(std::string path, std::string unpublished, std::shared_ptr<Descriptor> descriptor)
      : DescriptorTarget(path, std::move(descriptor)), path_(std::move(path)), unpublished_(std::move(unpublished)) {
    // A lock that fails, where the file system has none, costs only the look of `is_abandoned`.
    lock_ = Descriptor(::fcntl(this->descriptor().number(), F_DUPFD_CLOEXEC, 0));
    ::flock(lock_.number(), LOCK_EX | LOCK_NB);
  }
  ~FileOutput() override {
    if (!unpublished_.empty()) ::unlink(unpublished_.c_str());
  }

  bool atomic() const override { return true; }
  Result<void> publish() override {
    if (unpublished_.empty()) return {};
    MS_TRY(seal());
    MS_TRY(rename_durably(unpublished_, path_));
    unpublished_.clear();
    return {};
  }

 protected:
  Result<void> make_durable() override {
    if (::fsync(descriptor().number()) != 0) return system_error(errno, "cannot write " + path_);
    // Some file systems tell of a full disk only when closing.
    if (const int number = descriptor().close(); number != 0) return system_error(number, "cannot write " + path_);
    return {};
  }

 private:
  std::string path_;
  std::string unpublished_;
  Descriptor lock_;  ///< a second number of the file, which keeps its lock when `seal` closes the first
};

Result<std::unique_ptr<Output>> start(std::unique_ptr<DescriptorTarget> target, const OutputOptions& options) {
  MS_TRY(target->start(options));
  return std::unique_ptr<Output>(std::move(target));
}

Result<std::unique_ptr<Output>> create_beside(const std::string& path, unsigned mode, const OutputOptions& options) {
  const std::filesystem::path place(path);
  auto unpublished = (place.parent_path() / ("." + place.filename().string() + ".XXXXXX.tmp")).string();
  const int number = ::mkostemps(unpublished.data(), kUnpublishedEnding.size(), O_CLOEXEC);
  if (number < 0) return system_error(errno, "cannot create " + path);
  auto descriptor = std::make_shared<Descriptor>(number);
  auto target = std::make_unique<FileOutput>(path, unpublished, descriptor);
  if (::fchmod(number, mode) != 0) return system_error(errno, "cannot create " + path);
  return start(std::move(target), options);
}

// The permissions that `open` would have given. The kernel tells the process's mask without setting it only here.
unsigned usual_mode() {
  constexpr std::string_view kKey = "\nUmask:\t";
  const auto text = read_text_file("/proc/self/status", 1 << 20);
  const auto at = text ? text->find(kKey) : std::string::npos;
  if (at == std::string::npos) return 0644U;
  return 0666U & ~static_cast<unsigned>(std::strtoul(text->c_str() + at + kKey.size(), nullptr, 8));
}

}  // namespace

bool is_unpublished_name(std::string_view file_name) {
  // "." NAME "." six characters of mkostemps ".tmp"
  if (!file_name.starts_with('.') || !file_name.ends_with(kUnpublishedEnding)) return false;
  const auto rest = file_name.substr(1, file_name.size() - 1 - kUnpublishedEnding.size());
  return rest.size() > 7 && rest[rest.size() - 7] == '.';
}

bool is_abandoned(const std::string& unpublished_path) {
  const auto descriptor = open_descriptor(unpublished_path, O_RDONLY);
  return descriptor && ::flock(descriptor->number(), LOCK_EX | LOCK_NB) == 0;
}

void remove_abandoned(const std::string& path) {
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(path, failed);
  if (failed) return;
  const auto beginning = "." + real.filename().string() + ".";
  for (std::filesystem::directory_iterator it(real.parent_path(), failed), end; !failed && it != end;
       it.increment(failed)) {
    const auto name = it->path().filename().string();
    // ".a.csv.XXXXXX.tmp" is of "a.csv"; ".a.csv.gz.XXXXXX.tmp" is not.
    const bool mine =
        name.starts_with(beginning) && is_unpublished_name(name) && name.find('.', beginning.size()) == name.rfind('.');
    std::error_code ignored;
    if (mine && is_abandoned(it->path().string())) std::filesystem::remove(it->path(), ignored);
  }
}

Result<std::unique_ptr<Output>> create_local_file(const std::string& path, const OutputOptions& options) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    if (errno != ENOENT) return system_error(errno, "cannot create " + path);
    return create_beside(path, usual_mode(), options);
  }
  if (S_ISDIR(facts.st_mode))
    return Error(ErrorCode::invalid_config, path + " is a folder, and a file is to be written here");
  if (!S_ISREG(facts.st_mode)) {
    MS_ASSIGN(auto descriptor, open_descriptor(path, O_WRONLY));
    return start(std::make_unique<PassingOutput>(path, std::make_shared<Descriptor>(std::move(descriptor))), options);
  }
  std::error_code failed;
  auto real = std::filesystem::canonical(path, failed);
  if (failed) return system_error(failed.value(), "cannot create " + path);
  return create_beside(real.string(), facts.st_mode & 07777U, options);
}

Result<std::unique_ptr<Output>> standard_output(const OutputOptions& options) {
  const int number = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  if (number < 0) return system_error(errno, "cannot write standard output");
  return start(std::make_unique<PassingOutput>("standard output", std::make_shared<Descriptor>(number)), options);
}

}  // namespace mainstem::io
