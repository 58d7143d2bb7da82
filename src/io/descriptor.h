#pragma once

#include <arrow/io/type_fwd.h>
#include <memory>
#include <string>
#include <utility>

#include "base/cancellation.h"
#include "base/result.h"

namespace mainstem::io {

/// An open file descriptor, closed at the end of its life. -1 = none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const { return number_; }
  /// Closes it; returns errno of a failed close, else 0.
  int close();

 private:
  int number_ = -1;
};

/// Opens with O_CLOEXEC, again after interruptions. Errors: as `system_error`, saying "cannot open PATH".
Result<Descriptor> open_descriptor(const std::string& path, int flags, unsigned mode = 0666);

/// The bytes of a descriptor from where it stands. `Read` waits until it has all it was asked for, or the end.
/// `name` is for messages. With a `cancellation`, which must outlive the stream, a wish to stop ends the wait for bytes
/// of a pipe.
std::shared_ptr<arrow::io::InputStream> read_descriptor(std::shared_ptr<Descriptor> descriptor, std::string name,
                                                        const Cancellation* cancellation = nullptr);
/// Writes to a descriptor without a buffer. `Close` does not close the descriptor.
std::shared_ptr<arrow::io::OutputStream> write_descriptor(std::shared_ptr<Descriptor> descriptor, std::string name);

}  // namespace mainstem::io
