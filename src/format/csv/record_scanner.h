#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "format/csv/block_masks.h"

// What a record is. A record ends at a line feed, a carriage return or both, outside of quotes. A quote opens a quoted
// field where a field begins, and is an ordinary character elsewhere. Inside, a doubled (or escaped) quote is a
// character; any other quote closes the field and must be followed by a delimiter or the record's end. A record whose
// quotes break this, by text behind the closing quote or by no closing quote at all, is rejected as its first physical
// line, and reading goes on at the next physical line: so a stray quote costs one line and never the rest of the file.
// The price: of a true multi-line field with broken quotes, the further lines are read as records of their own, which
// mostly are rejected for their number of fields. Each quote ends at most one such search, so the work stays linear.
// Empty lines are skipped, except in a file of one column, where they are nulls.

namespace mainstem::format::csv {

/// How the text of a file is cut into fields.
struct Dialect {
  StructuralBytes bytes;
  uint8_t comment = kNoByte;
  bool trim = false;
  size_t max_field_bytes = size_t{64} << 20;

  /// Most bytes of one record.
  size_t max_record_bytes() const { return 2 * max_field_bytes; }
};

enum class Fault : uint8_t {
  too_many_fields,
  too_few_fields,
  unterminated_quote,
  text_after_quote,
  field_too_large,
  record_too_large,
  invalid_utf8,
  nul_byte,
};

/// A record that is no row; positions count from the beginning of the text scanned.
struct FaultyRecord {
  uint32_t begin = 0;
  uint32_t end = 0;
  Fault fault = Fault::too_few_fields;
  uint32_t field = 0;  ///< index of the offending field
  uint32_t found = 0;  ///< fields found
};

/// Where records and fields of one text stand. Reused from scan to scan to spare allocations: the vectors are larger
/// than what counts. Field f of row r ends at `ends[r * columns + f]`, where its delimiter or line break stands.
struct RecordIndex {
  size_t columns = 0;
  size_t rows = 0;
  std::vector<uint32_t> begins;
  std::vector<uint32_t> ends;
  std::vector<uint32_t> counts;  ///< fields of each record, if columns is kAnyColumns; `ends` then follow one another
  std::vector<FaultyRecord> faulty;
  size_t consumed = 0;   ///< behind the last complete record
  int64_t lines = 0;     ///< physical lines in what was consumed
  int64_t skipped = 0;   ///< empty lines and comments
  bool special = false;  ///< there may be bytes that are NUL or not ASCII
};

/// Takes records of any number of fields, for finding the dialect.
inline constexpr size_t kAnyColumns = std::numeric_limits<size_t>::max();

/// The text to scan, which begins at a record. 64 bytes behind it must be readable.
struct Stretch {
  const uint8_t* text = nullptr;
  size_t size = 0;
  bool final = false;                                ///< nothing follows
  size_t stop = std::numeric_limits<size_t>::max();  ///< no record that begins here or behind
  size_t max_rows = std::numeric_limits<size_t>::max();
  size_t max_bytes = std::numeric_limits<size_t>::max();  ///< stop behind the record that passes it
};

/// Cuts a text into records. One thread.
class RecordScanner {
 public:
  RecordScanner(const Dialect& dialect, size_t columns) : dialect_(dialect), columns_(columns) {}

  /// Indexes the complete records of `stretch`.
  void scan(const Stretch& stretch, RecordIndex& index);

 private:
  void start(const Stretch& stretch, RecordIndex& index);
  void make_room();
  void take_events(size_t block, uint64_t events);
  void end_line(size_t at);
  void end_record(size_t at, size_t next);
  bool has_large_field() const;
  void reject_large_field(size_t at, size_t found);
  void begin_record(size_t next);
  void take_quote(size_t at);
  bool begins_field(size_t at) const;
  void close_quote(size_t opened, size_t closed);
  void reject_first_line(Fault fault);
  size_t next_quote(size_t from);
  const BlockMasks& masks_of(size_t block);
  bool full() const;

  static constexpr size_t kWindow = 64;

  Dialect dialect_;
  size_t columns_;
  Stretch stretch_;
  RecordIndex* index_ = nullptr;
  size_t position_ = 0;
  size_t record_begin_ = 0;
  size_t field_begin_ = 0;
  size_t row_ends_ = 0;  // ends of the current record begin here
  size_t end_count_ = 0;
  int64_t quoted_lines_ = 0;
  bool jumped_ = false;      // the position was moved, so that pending events are stale
  bool incomplete_ = false;  // the current record needs more text
  bool stopped_ = false;
  size_t window_begin_ = 0;
  size_t window_size_ = 0;
  std::array<BlockMasks, kWindow> window_;
};

/// Physical lines that end in the `size` bytes at `text`; the byte behind them is readable.
int64_t count_line_ends(const uint8_t* text, size_t size);

}  // namespace mainstem::format::csv
