#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <fmt/format.h>
#include <limits>
#include <utility>
#include <zlib.h>
#include <zstd.h>

#include "io/compression.h"

namespace mainstem::io {
namespace {

constexpr int64_t kStoredBytes = 256 << 10;

// A stretch of stored bytes, and room for decompressed ones.
struct Stretch {
  const uint8_t* in = nullptr;
  size_t in_bytes = 0;
  uint8_t* out = nullptr;
  size_t out_bytes = 0;
};

// One compression method. Takes from `in` and fills `out`, moving both.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual arrow::Status decode(Stretch& stretch) = 0;
  // True between members: here the object may end.
  virtual bool complete() const = 0;
};

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  arrow::Status decode(Stretch& stretch) override {
    if (!ready_) return arrow::Status::OutOfMemory("zlib cannot start");
    if (complete_ && members_ > 0) skip_padding(stretch);
    if (padded_ && stretch.in_bytes > 0)
      return arrow::Status::Invalid("other bytes follow behind the gzip data and its padding");
    if (complete_ && stretch.in_bytes > 0) {
      inflateReset(&stream_);
      complete_ = false;
    }
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    stream_.next_in = const_cast<Bytef*>(stretch.in);
    stream_.avail_in = static_cast<uInt>(std::min(stretch.in_bytes, kMost));
    stream_.next_out = stretch.out;
    stream_.avail_out = static_cast<uInt>(std::min(stretch.out_bytes, kMost));
    const int code = inflate(&stream_, Z_NO_FLUSH);
    stretch.in_bytes -= static_cast<size_t>(stream_.next_in - stretch.in);
    stretch.in = stream_.next_in;
    stretch.out_bytes -= static_cast<size_t>(stream_.next_out - stretch.out);
    stretch.out = stream_.next_out;
    if (code == Z_STREAM_END) {
      complete_ = true;
      ++members_;
      return arrow::Status::OK();
    }
    if (code == Z_OK || code == Z_BUF_ERROR) return arrow::Status::OK();
    if (code == Z_MEM_ERROR) return arrow::Status::OutOfMemory("zlib needs more memory");
    const std::string reason = stream_.msg == nullptr ? "unknown" : stream_.msg;
    if (members_ > 0 && reason == "incorrect header check")
      return arrow::Status::Invalid("other bytes follow behind the gzip data");
    return arrow::Status::Invalid("the gzip data is damaged: ", reason);
  }
  bool complete() const override { return complete_; }

 private:
  // Zero bytes up to the end are padding of tapes and block devices, which gzip(1) ignores as well.
  void skip_padding(Stretch& stretch) {
    for (; stretch.in_bytes > 0 && *stretch.in == 0; ++stretch.in, --stretch.in_bytes) padded_ = true;
  }

  z_stream stream_{};
  bool ready_ = false;
  bool complete_ = false;
  bool padded_ = false;
  int64_t members_ = 0;
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {}
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  arrow::Status decode(Stretch& stretch) override {
    if (stream_ == nullptr) return arrow::Status::OutOfMemory("zstd cannot start");
    ZSTD_inBuffer in{stretch.in, stretch.in_bytes, 0};
    ZSTD_outBuffer out{stretch.out, stretch.out_bytes, 0};
    const bool between = complete_;
    const size_t rest = ZSTD_decompressStream(stream_, &out, &in);
    stretch.in += in.pos;
    stretch.in_bytes -= in.pos;
    stretch.out += out.pos;
    stretch.out_bytes -= out.pos;
    if (ZSTD_isError(rest) == 0) {
      // A call that moves nothing between frames reports the next frame's header as missing.
      if (in.pos > 0 || out.pos > 0 || !between) complete_ = rest == 0;
      return arrow::Status::OK();
    }
    if (between) return arrow::Status::Invalid("other bytes follow behind the zstd data");
    return arrow::Status::Invalid("the zstd data is damaged: ", ZSTD_getErrorName(rest));
  }
  bool complete() const override { return complete_; }

 private:
  ZSTD_DStream* stream_;
  bool complete_ = false;
};

class DecompressingStream final : public arrow::io::InputStream {
 public:
  DecompressingStream(std::shared_ptr<arrow::io::InputStream> stored, std::unique_ptr<Decoder> decoder,
                      Compression compression, std::string name)
      : stored_(std::move(stored)), decoder_(std::move(decoder)), compression_(compression), name_(std::move(name)) {}

  arrow::Status Close() override { return stored_->Close(); }
  bool closed() const override { return stored_->closed(); }
  arrow::Result<int64_t> Tell() const override { return position_; }

  arrow::Result<int64_t> Read(int64_t nbytes, void* out) override {
    wanted_ = nbytes;
    stretch_.out = static_cast<uint8_t*>(out);
    stretch_.out_bytes = static_cast<size_t>(nbytes);
    while (stretch_.out_bytes > 0) {
      ARROW_ASSIGN_OR_RAISE(const bool more, step());
      if (!more) break;
    }
    const auto got = nbytes - static_cast<int64_t>(stretch_.out_bytes);
    position_ += got;
    return got;
  }

  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t nbytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(nbytes));
    ARROW_ASSIGN_OR_RAISE(const int64_t got, Read(nbytes, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(got));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  // Decodes a little; false at the true end.
  arrow::Result<bool> step() {
    const size_t room = stretch_.out_bytes;
    if (stretch_.in_bytes == 0 && !ended_) ARROW_RETURN_NOT_OK(refill());
    if (stretch_.in_bytes > 0 || !decoder_->complete()) {
      const auto status = decoder_->decode(stretch_);
      if (!status.ok()) return status.WithMessage(name_, ": ", status.message());
    }
    if (stretch_.out_bytes < room || stretch_.in_bytes > 0 || !ended_) return true;
    if (decoder_->complete()) return false;
    return arrow::Status::Invalid(name_, ": the ", to_string(compression_), " data ends in the middle, after ",
                                  position_ + wanted_ - static_cast<int64_t>(room), " decompressed bytes");
  }

  arrow::Status refill() {
    ARROW_ASSIGN_OR_RAISE(buffer_, stored_->Read(kStoredBytes));
    stretch_.in = buffer_->data();
    stretch_.in_bytes = static_cast<size_t>(buffer_->size());
    ended_ = buffer_->size() == 0;
    return arrow::Status::OK();
  }

  std::shared_ptr<arrow::io::InputStream> stored_;
  std::unique_ptr<Decoder> decoder_;
  Compression compression_;
  std::string name_;
  std::shared_ptr<arrow::Buffer> buffer_;
  Stretch stretch_;
  bool ended_ = false;
  int64_t position_ = 0;
  int64_t wanted_ = 0;  // by the Read that is going on
};

}  // namespace

Result<std::shared_ptr<arrow::io::InputStream>> decompress(std::shared_ptr<arrow::io::InputStream> stored,
                                                           Compression compression, std::string name) {
  if (compression == Compression::none) return stored;
  std::unique_ptr<Decoder> decoder;
  if (compression == Compression::gzip) decoder = std::make_unique<GzipDecoder>();
  if (compression == Compression::zstd) decoder = std::make_unique<ZstdDecoder>();
  return std::shared_ptr<arrow::io::InputStream>(
      std::make_shared<DecompressingStream>(std::move(stored), std::move(decoder), compression, std::move(name)));
}

}  // namespace mainstem::io
