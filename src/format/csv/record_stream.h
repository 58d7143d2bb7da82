#pragma once

#include <arrow/io/type_fwd.h>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "format/csv/encoding.h"
#include "format/csv/record_scanner.h"
#include "io/input.h"
#include "observability/context.h"

namespace mainstem::format::csv {

/// A file with its encoding settled. Shared by all readers; immutable.
struct SourceFile {
  std::string name;
  std::shared_ptr<arrow::io::RandomAccessFile> file;
  int64_t size = 0;
  Encoding encoding = Encoding::utf8;
  int64_t text_begin = 0;  ///< behind the byte order mark
};

/// Opens an input for random access; what cannot be read so is first copied to a file in the scratch folder, which is
/// gone when the last reader is. Settles the encoding. Errors: invalid_data where the encoding is doubtful.
Result<SourceFile> open_source(Context& context, io::Input& input, Encoding wanted);

/// Fills `bytes` from `offset` on. Errors: invalid_data if the file ends before.
Result<void> read_fully(const SourceFile& source, int64_t offset, std::span<uint8_t> bytes);

/// A place in a file at which a record begins.
struct Place {
  int64_t offset = 0;
  int64_t line = 1;
};

/// Which part of a file to read: from a record on to `end`, or to the first record at or behind `stop`.
struct Part {
  Place begin;
  int64_t end = 0;
  int64_t stop = std::numeric_limits<int64_t>::max();
};

/// The records of a part of a file, stretch by stretch, in memory bounded by the largest record. One thread.
class RecordStream {
 public:
  RecordStream(const SourceFile& source, Part part, const Dialect& dialect, size_t columns);

  /// Limits of what `next` gives at once.
  struct Limits {
    size_t max_rows = std::numeric_limits<size_t>::max();
    size_t max_bytes = size_t{1} << 20;
  };
  /// The next records, free of NUL and invalid UTF-8; false at the end of the part.
  Result<bool> next(Context& context, const Limits& limits);

  const RecordIndex& index() const { return index_; }
  /// What the index's positions count in; 64 bytes behind its end are readable.
  const uint8_t* text() const { return buffer_.data() + begin_; }
  /// Where a position of the index stands in the file. `from` is a place already known, before it.
  Place place_of(size_t position, size_t from_position, Place from) const;
  /// Of the text's beginning.
  Place text_place() const { return text_place_; }
  /// Behind all records given so far.
  Place place_behind() const;

 private:
  Result<void> fill(size_t wanted);
  void advance();
  void scan(const Limits& limits);
  void validate();
  bool take_too_large();
  Result<bool> skip_rest_of_line();

  const SourceFile& source_;
  Part part_;
  Dialect dialect_;
  RecordScanner scanner_;
  RecordIndex index_;
  Decoder decoder_;
  std::vector<uint8_t> buffer_;
  std::vector<uint8_t> raw_;
  size_t begin_ = 0;     // of the text not yet given out
  size_t size_ = 0;      // of the text in the buffer
  int64_t read_to_ = 0;  // file offset behind the bytes in the buffer
  size_t stop_at_;       // buffer position of part_.stop, once it is known
  Place text_place_;
  bool skipping_ = false;  // the rest of a rejected line that is too long is to be left out
};

}  // namespace mainstem::format::csv
