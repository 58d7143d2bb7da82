#include "io/descriptor.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "io/system_error.h"

namespace mainstem::io {
namespace {

// How long a wish to stop may go unnoticed.
constexpr int kTickMilliseconds = 100;

class DescriptorInput final : public arrow::io::InputStream {
 public:
  DescriptorInput(std::shared_ptr<Descriptor> descriptor, std::string name, const Cancellation* cancellation)
      : descriptor_(std::move(descriptor)), name_(std::move(name)), cancellation_(cancellation) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }

  arrow::Result<int64_t> Read(int64_t nbytes, void* out) override {
    int64_t done = 0;
    while (done < nbytes) {
      if (cancellation_ != nullptr) ARROW_RETURN_NOT_OK(wait_for_bytes());
      const auto got =
          ::read(descriptor_->number(), static_cast<char*>(out) + done, static_cast<size_t>(nbytes - done));
      if (got < 0 && (errno == EINTR || (errno == EAGAIN && cancellation_ != nullptr))) continue;
      if (got < 0) return system_status(errno, "cannot read " + name_);
      if (got == 0) break;
      done += got;
    }
    position_ += done;
    return done;
  }

  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t nbytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(nbytes));
    ARROW_ASSIGN_OR_RAISE(const int64_t got, Read(nbytes, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(got));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  arrow::Status wait_for_bytes() const {
    pollfd waiting{.fd = descriptor_->number(), .events = POLLIN, .revents = 0};
    do {
      if (cancellation_->requested()) return arrow::Status::Cancelled("stopped on request");
    } while (::poll(&waiting, 1, kTickMilliseconds) <= 0);
    return arrow::Status::OK();
  }

  std::shared_ptr<Descriptor> descriptor_;
  std::string name_;
  const Cancellation* cancellation_;
  int64_t position_ = 0;
  bool closed_ = false;
};

class DescriptorOutput final : public arrow::io::OutputStream {
 public:
  DescriptorOutput(std::shared_ptr<Descriptor> descriptor, std::string name)
      : descriptor_(std::move(descriptor)), name_(std::move(name)) {}

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t nbytes) override {
    const auto* rest = static_cast<const char*>(data);
    while (nbytes > 0) {
      const auto written = ::write(descriptor_->number(), rest, static_cast<size_t>(nbytes));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_status(errno, "cannot write " + name_);
      rest += written;
      nbytes -= written;
      position_ += written;
    }
    return arrow::Status::OK();
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }

 private:
  std::shared_ptr<Descriptor> descriptor_;
  std::string name_;
  int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace

int Descriptor::close() {
  if (number_ < 0) return 0;
  // Linux releases the number even if the call is interrupted.
  return ::close(std::exchange(number_, -1)) == 0 || errno == EINTR ? 0 : errno;
}

Result<Descriptor> open_descriptor(const std::string& path, int flags, unsigned mode) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  if (number < 0) return system_error(errno, "cannot open " + path);
  return Descriptor(number);
}

std::shared_ptr<arrow::io::InputStream> read_descriptor(std::shared_ptr<Descriptor> descriptor, std::string name,
                                                        const Cancellation* cancellation) {
  return std::make_shared<DescriptorInput>(std::move(descriptor), std::move(name), cancellation);
}

std::shared_ptr<arrow::io::OutputStream> write_descriptor(std::shared_ptr<Descriptor> descriptor, std::string name) {
  return std::make_shared<DescriptorOutput>(std::move(descriptor), std::move(name));
}

}  // namespace mainstem::io
