#include "format/csv/record_stream.h"

#include <algorithm>
#include <arrow/buffer.h>
#include <arrow/io/api.h>
#include <arrow/util/utf8.h>
#include <cstring>
#include <fmt/format.h>

#include "columnar/status.h"
#include "io/spool.h"

namespace mainstem::format::csv {
namespace {

constexpr size_t kPadding = 64;
constexpr size_t kUnknown = std::numeric_limits<size_t>::max();

Result<void> settle_encoding(SourceFile& source, Encoding wanted) {
  std::vector<uint8_t> start(static_cast<size_t>(std::min<int64_t>(source.size, 1024)));
  MS_ASSIGN(const int64_t got,
            columnar::from_arrow(source.file->ReadAt(0, static_cast<int64_t>(start.size()), start.data())));
  start.resize(static_cast<size_t>(got));
  const auto mark = find_byte_order_mark(start);
  source.encoding = wanted;
  if (wanted == Encoding::automatic) source.encoding = mark.encoding;
  if (mark.size > 0 && mark.encoding == source.encoding) source.text_begin = mark.size;
  if (wanted == Encoding::automatic && mark.size == 0 && looks_like_utf16(start))
    return Error(ErrorCode::invalid_data, "looks like UTF-16, but has no byte order mark")
        .hint("give the option encoding: utf-16le or utf-16be");
  return {};
}

bool holds_nul(const uint8_t* text, size_t size) { return size > 0 && std::memchr(text, 0, size) != nullptr; }

bool is_clean(const uint8_t* text, size_t size) {
  return !holds_nul(text, size) && arrow::util::ValidateUTF8(text, static_cast<int64_t>(size));
}

}  // namespace

Result<SourceFile> open_source(Context& context, io::Input& input, Encoding wanted) {
  static const bool ready = (arrow::util::InitializeUTF8(), true);
  static_cast<void>(ready);
  SourceFile source{.name = input.name(), .file = nullptr};
  if (input.seekable()) {
    MS_ASSIGN(source.file, input.open_file());
  } else {
    // The open file lives on without its name, and is gone with its last reader.
    MS_ASSIGN_DURING(const auto copy, io::spool(context, input), "reading " + input.name());
    MS_ASSIGN(source.file, copy->open_file());
  }
  MS_ASSIGN_DURING(source.size, columnar::from_arrow(source.file->GetSize()), "reading " + input.name());
  MS_TRY_DURING(settle_encoding(source, wanted), "reading " + input.name());
  return source;
}

Result<void> read_fully(const SourceFile& source, int64_t offset, std::span<uint8_t> bytes) {
  const auto wanted = static_cast<int64_t>(bytes.size());
  MS_ASSIGN_DURING(const int64_t got, columnar::from_arrow(source.file->ReadAt(offset, wanted, bytes.data())),
                   "reading " + source.name);
  if (got == wanted) return {};
  return Error(ErrorCode::invalid_data, source.name + " got shorter while it was read");
}

RecordStream::RecordStream(const SourceFile& source, Part part, const Dialect& dialect, size_t columns)
    : source_(source),
      part_(part),
      dialect_(dialect),
      scanner_(dialect, columns),
      decoder_(source.encoding),
      buffer_(kPadding),
      read_to_(part.begin.offset),
      stop_at_(kUnknown),
      text_place_(part.begin) {}

Place RecordStream::place_behind() const {
  return {.offset = text_place_.offset + encoded_size(source_.encoding, text(), index_.consumed),
          .line = text_place_.line + index_.lines};
}

Place RecordStream::place_of(size_t position, size_t from_position, Place from) const {
  const uint8_t* begin = text() + from_position;
  const size_t size = position - from_position;
  return {.offset = from.offset + encoded_size(source_.encoding, begin, size),
          .line = from.line + count_line_ends(begin, size)};
}

void RecordStream::advance() {
  text_place_ = place_behind();
  begin_ += index_.consumed;
  index_.consumed = 0;
  index_.lines = 0;
}

Result<void> RecordStream::fill(size_t wanted) {
  const size_t left = size_ - begin_;
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, left);
  if (stop_at_ != kUnknown) stop_at_ -= std::min(begin_, stop_at_);
  begin_ = 0;
  size_ = left;
  int64_t count = std::min(static_cast<int64_t>(wanted), part_.end - read_to_);
  if (read_to_ < part_.stop) count = std::min(count, part_.stop - read_to_);
  const auto bytes = static_cast<size_t>(count);
  const bool plain = source_.encoding == Encoding::utf8;
  if (plain && buffer_.size() < size_ + bytes + kPadding) buffer_.resize(size_ + bytes + kPadding);
  if (!plain) raw_.resize(bytes);
  MS_TRY(read_fully(source_, read_to_, {plain ? buffer_.data() + size_ : raw_.data(), bytes}));
  read_to_ += count;
  if (plain) {
    size_ += bytes;
  } else {
    buffer_.resize(size_);
    decoder_.decode(raw_, read_to_ >= part_.end, buffer_);
    size_ = buffer_.size();
    buffer_.resize(size_ + kPadding);
  }
  if (stop_at_ == kUnknown && read_to_ >= part_.stop) stop_at_ = size_;
  return {};
}

void RecordStream::scan(const Limits& limits) {
  scanner_.scan({.text = text(),
                 .size = size_ - begin_,
                 .final = read_to_ >= part_.end,
                 .stop = stop_at_ == kUnknown ? kUnknown : stop_at_ - std::min(begin_, stop_at_),
                 .max_rows = limits.max_rows,
                 .max_bytes = std::max<size_t>(limits.max_bytes, 1)},
                index_);
}

Result<bool> RecordStream::next(Context& context, const Limits& limits) {
  const size_t least = std::max<size_t>(limits.max_bytes, 4096);
  size_t wanted = least;
  for (;;) {
    MS_TRY(context.cancellation.check());
    advance();
    if (stop_at_ != kUnknown && begin_ >= stop_at_) return false;
    const bool all_read = read_to_ >= part_.end;
    if (begin_ >= size_ && all_read) return false;
    const bool enough = size_ - begin_ >= least;
    if (!all_read && !enough) MS_TRY(fill(wanted));
    if (skipping_) {
      MS_ASSIGN(const bool found, skip_rest_of_line());
      if (!found) continue;
    }
    scan(limits);
    if (index_.special) validate();
    if (index_.rows > 0 || !index_.faulty.empty()) return true;
    if (index_.consumed > 0) continue;
    if (take_too_large()) return true;
    if (read_to_ >= part_.end && begin_ >= size_) return false;
    // The record is larger than what is in the buffer.
    if (enough) MS_TRY(fill(size_ - begin_));
    wanted = std::max(wanted, size_ - begin_);
  }
}

// A record past the limit is given up: its first physical line, as far as it is here, is the reject.
bool RecordStream::take_too_large() {
  const size_t size = size_ - begin_;
  if (size <= dialect_.max_record_bytes()) return false;
  const uint8_t* begin = text();
  const auto* line_end = std::find_if(begin, begin + size, [](uint8_t byte) { return byte == '\n' || byte == '\r'; });
  const auto end = static_cast<size_t>(line_end - begin);
  index_.faulty.push_back(
      {.begin = 0, .end = static_cast<uint32_t>(end), .fault = Fault::record_too_large, .found = 1});
  index_.consumed = end;
  skipping_ = true;
  return true;
}

Result<bool> RecordStream::skip_rest_of_line() {
  const uint8_t* begin = text();
  const size_t size = size_ - begin_;
  const auto* found = std::find_if(begin, begin + size, [](uint8_t byte) { return byte == '\n' || byte == '\r'; });
  auto end = static_cast<size_t>(found - begin);
  const bool last = read_to_ >= part_.end;
  if (end < size && (end + 1 < size || last)) {
    end += *found == '\r' && end + 1 < size && begin[end + 1] == '\n' ? 2 : 1;
    index_.lines = 1;
    skipping_ = false;
  }
  index_.consumed = end;
  const bool done = !skipping_;
  advance();
  return done;
}

// Moves the rows that are no clean text over to the faulty records.
void RecordStream::validate() {
  if (index_.rows == 0 || is_clean(text(), index_.consumed)) return;
  const size_t columns = index_.columns;
  if (columns == kAnyColumns) return;
  size_t kept = 0;
  for (size_t row = 0; row < index_.rows; ++row) {
    const uint32_t begin = index_.begins[row];
    const uint32_t* ends = index_.ends.data() + row * columns;
    const uint32_t end = ends[columns - 1];
    if (is_clean(text() + begin, end - begin)) {
      if (kept != row) {
        index_.begins[kept] = begin;
        std::copy(ends, ends + columns, index_.ends.data() + kept * columns);
      }
      ++kept;
      continue;
    }
    uint32_t field = 0;
    for (uint32_t from = begin; field + 1 < columns && is_clean(text() + from, ends[field] - from); ++field)
      from = ends[field] + 1;
    const bool nul = holds_nul(text() + begin, end - begin);
    index_.faulty.push_back({.begin = begin,
                             .end = end,
                             .fault = nul ? Fault::nul_byte : Fault::invalid_utf8,
                             .field = field,
                             .found = static_cast<uint32_t>(columns)});
  }
  index_.rows = kept;
}

}  // namespace mainstem::format::csv
