#pragma once

#include <arrow/io/type_fwd.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace mainstem {
struct Context;
}

namespace mainstem::io {

enum class Compression { none, gzip, zstd };

/// One object (file, blob, standard input) whose bytes a format reads. Shared by several readers; thread-safe.
class Input {
 public:
  virtual ~Input() = default;

  /// For people: path or URL without credentials.
  virtual const std::string& name() const = 0;
  /// Size of the bytes that the reader sees (decompressed), if known without reading.
  virtual std::optional<int64_t> size() const = 0;
  /// Size as stored, for progress; unknown for streams.
  virtual std::optional<int64_t> stored_size() const = 0;
  /// True if `open_file` works: the bytes can be read at any offset, by several threads.
  virtual bool seekable() const = 0;
  /// True if `open_stream` may be called more than once (standard input: no).
  virtual bool rereadable() const = 0;
  /// Random access to uncompressed objects. Errors: unsupported if not seekable.
  virtual Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() = 0;
  /// The (decompressed) bytes from the beginning. A truncated or damaged compressed object gives an error at the read.
  virtual Result<std::shared_ptr<arrow::io::InputStream>> open_stream() = 0;
};

}  // namespace mainstem::io
