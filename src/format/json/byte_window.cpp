#include "format/json/byte_window.h"

#include <arrow/io/interfaces.h>
#include <cstring>
#include <utility>

#include "columnar/status.h"

namespace mainstem::format::json {
namespace {

constexpr size_t kBlockBytes = size_t{256} << 10;

}  // namespace

ByteWindow::ByteWindow(std::shared_ptr<arrow::io::InputStream> stream, int64_t offset)
    : stream_(std::move(stream)), offset_(offset) {}

Result<bool> ByteWindow::more() {
  if (ended_) return false;
  const size_t kept = end_ - begin_;
  // Twice what is kept, so that a long record is not moved once per block.
  const size_t wanted = kept + std::max(kept, kBlockBytes);
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
  begin_ = 0;
  end_ = kept;
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  MS_ASSIGN(const int64_t got,
            columnar::from_arrow(stream_->Read(static_cast<int64_t>(wanted - kept), buffer_.data() + kept)));
  end_ += static_cast<size_t>(got);
  ended_ = got == 0;
  return got > 0;
}

}  // namespace mainstem::format::json
