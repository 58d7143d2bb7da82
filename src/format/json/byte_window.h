#pragma once

#include <arrow/io/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mainstem::format::json {

/// The part of a stream that is being looked at: grows at its end, is eaten from its beginning. One thread.
class ByteWindow {
 public:
  /// `offset` is that of the stream's first byte in its object.
  ByteWindow(std::shared_ptr<arrow::io::InputStream> stream, int64_t offset);

  std::string_view text() const { return {buffer_.data() + begin_, end_ - begin_}; }
  /// Offset of the window's first byte in the object.
  int64_t offset() const { return offset_; }
  bool at_end() const { return ended_; }
  /// Reads more behind the window; false at the end of the stream. Views of the window are invalid after it.
  Result<bool> more();
  void eat(size_t bytes) {
    begin_ += bytes;
    offset_ += static_cast<int64_t>(bytes);
  }

 private:
  std::shared_ptr<arrow::io::InputStream> stream_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  int64_t offset_ = 0;
  bool ended_ = false;
};

}  // namespace mainstem::format::json
