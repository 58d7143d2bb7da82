#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <limits>
#include <utility>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "io/compression.h"

namespace mainstem::io {
namespace {

constexpr size_t kStoredBytes = 256 << 10;

class CompressingStream : public arrow::io::OutputStream {
 public:
  explicit CompressingStream(std::shared_ptr<arrow::io::OutputStream> stored)
      : stored_(std::move(stored)), room_(kStoredBytes) {}

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t nbytes) override {
    if (closed_) return arrow::Status::Invalid("write to a closed stream");
    ARROW_RETURN_NOT_OK(encode(data, static_cast<size_t>(nbytes), false));
    position_ += nbytes;
    return arrow::Status::OK();
  }
  arrow::Status Close() override {
    if (closed_) return arrow::Status::OK();
    closed_ = true;
    return encode(nullptr, 0, true);
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }

 protected:
  virtual arrow::Status encode(const void* data, size_t bytes, bool end) = 0;

  std::vector<uint8_t>& room() { return room_; }
  arrow::Status hand_on(size_t bytes) { return stored_->Write(room_.data(), static_cast<int64_t>(bytes)); }

 private:
  std::shared_ptr<arrow::io::OutputStream> stored_;
  std::vector<uint8_t> room_;
  int64_t position_ = 0;
  bool closed_ = false;
};

class GzipStream final : public CompressingStream {
 public:
  GzipStream(std::shared_ptr<arrow::io::OutputStream> stored, int level) : CompressingStream(std::move(stored)) {
    ready_ = deflateInit2(&stream_, level == 0 ? 6 : level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipStream() override { deflateEnd(&stream_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  bool ready() const { return ready_; }

 protected:
  arrow::Status encode(const void* data, size_t bytes, bool end) override {
    const auto* rest = static_cast<const Bytef*>(data);
    while (true) {
      constexpr size_t kMost = std::numeric_limits<uInt>::max();
      stream_.next_in = const_cast<Bytef*>(rest);
      stream_.avail_in = static_cast<uInt>(std::min(bytes, kMost));
      stream_.next_out = room().data();
      stream_.avail_out = static_cast<uInt>(room().size());
      const int code = deflate(&stream_, end ? Z_FINISH : Z_NO_FLUSH);
      if (code == Z_STREAM_ERROR) return arrow::Status::UnknownError("zlib: inconsistent stream");
      bytes -= static_cast<size_t>(stream_.next_in - rest);
      rest = stream_.next_in;
      ARROW_RETURN_NOT_OK(hand_on(room().size() - stream_.avail_out));
      const bool drained = stream_.avail_out > 0;
      if (end ? code == Z_STREAM_END : bytes == 0 && drained) return arrow::Status::OK();
    }
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

class ZstdStream final : public CompressingStream {
 public:
  ZstdStream(std::shared_ptr<arrow::io::OutputStream> stored, int level)
      : CompressingStream(std::move(stored)), stream_(ZSTD_createCCtx()) {
    if (stream_ == nullptr) return;
    ready_ = ZSTD_isError(ZSTD_CCtx_setParameter(stream_, ZSTD_c_compressionLevel, level == 0 ? 3 : level)) == 0 &&
             ZSTD_isError(ZSTD_CCtx_setParameter(stream_, ZSTD_c_checksumFlag, 1)) == 0;
  }
  ~ZstdStream() override { ZSTD_freeCCtx(stream_); }
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;
  bool ready() const { return ready_; }

 protected:
  arrow::Status encode(const void* data, size_t bytes, bool end) override {
    ZSTD_inBuffer in{data, bytes, 0};
    while (true) {
      ZSTD_outBuffer out{room().data(), room().size(), 0};
      const size_t rest = ZSTD_compressStream2(stream_, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(rest) != 0) return arrow::Status::UnknownError("zstd: ", ZSTD_getErrorName(rest));
      ARROW_RETURN_NOT_OK(hand_on(out.pos));
      if (end ? rest == 0 : in.pos == in.size) return arrow::Status::OK();
    }
  }

 private:
  ZSTD_CCtx* stream_;
  bool ready_ = false;
};

template <class Stream>
Result<std::shared_ptr<arrow::io::OutputStream>> make(std::shared_ptr<arrow::io::OutputStream> stored, int level) {
  auto stream = std::make_shared<Stream>(std::move(stored), level);
  if (!stream->ready()) return Error(ErrorCode::resource_exhausted, "cannot start compressing");
  return std::shared_ptr<arrow::io::OutputStream>(std::move(stream));
}

}  // namespace

Result<std::shared_ptr<arrow::io::OutputStream>> compress(std::shared_ptr<arrow::io::OutputStream> stored,
                                                          Compression compression, int level) {
  switch (compression) {
    case Compression::none: return stored;
    case Compression::gzip: return make<GzipStream>(std::move(stored), level);
    case Compression::zstd: return make<ZstdStream>(std::move(stored), level);
  }
  return stored;
}

}  // namespace mainstem::io
