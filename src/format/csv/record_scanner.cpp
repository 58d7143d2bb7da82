#include "format/csv/record_scanner.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

namespace mainstem::format::csv {
namespace {

bool is_line_break(uint8_t byte) { return byte == '\n' || byte == '\r'; }
bool is_blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

template <class T>
void grow_to(std::vector<T>& vector, size_t size) {
  if (vector.size() < size) vector.resize(std::max(size, 2 * vector.size()));
}

}  // namespace

int64_t count_line_ends(const uint8_t* text, size_t size) {
  int64_t lines = 0;
  for (size_t i = 0; i < size; ++i) lines += (text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n')) ? 1 : 0;
  return lines;
}

void RecordScanner::start(const Stretch& stretch, RecordIndex& index) {
  stretch_ = stretch;
  index_ = &index;
  index.columns = columns_;
  index.rows = 0;
  index.counts.clear();
  index.faulty.clear();
  index.consumed = 0;
  index.lines = 0;
  index.skipped = 0;
  index.special = false;
  position_ = record_begin_ = field_begin_ = row_ends_ = end_count_ = 0;
  quoted_lines_ = 0;
  jumped_ = incomplete_ = stopped_ = false;
  window_begin_ = window_size_ = 0;
}

void RecordScanner::scan(const Stretch& stretch, RecordIndex& index) {
  start(stretch, index);
  begin_record(0);
  while (position_ < stretch_.size && !stopped_) {
    const size_t block = position_ / kBlockBytes;
    const auto& masks = masks_of(block);
    const uint64_t pending = ~uint64_t{0} << (position_ % kBlockBytes);
    position_ = std::min((block + 1) * kBlockBytes, stretch_.size);
    make_room();
    take_events(block, (masks.structural | masks.quote) & pending);
  }
  const bool open_end = stretch_.final && !stopped_ && !incomplete_ && record_begin_ < stretch_.size;
  if (open_end) {
    make_room();
    end_record(stretch_.size, stretch_.size);
  }
  index.consumed = record_begin_;
}

// A block has at most as many fields and records as bytes, so that the loop over its events need not look.
void RecordScanner::make_room() {
  grow_to(index_->ends, end_count_ + kBlockBytes + 1);
  grow_to(index_->begins, index_->rows + kBlockBytes + 1);
}

void RecordScanner::take_events(size_t block, uint64_t events) {
  jumped_ = false;
  const uint8_t* text = stretch_.text;
  uint32_t* ends = index_->ends.data();
  while (events != 0) {
    const size_t at = block * kBlockBytes + static_cast<size_t>(std::countr_zero(events));
    events &= events - 1;
    const uint8_t byte = text[at];
    if (byte == dialect_.bytes.delimiter) {
      ends[end_count_++] = static_cast<uint32_t>(at);
      field_begin_ = at + 1;
    } else if (is_line_break(byte)) {
      end_line(at);
    } else {
      take_quote(at);
    }
    if (jumped_ || stopped_) return;
  }
}

void RecordScanner::end_line(size_t at) {
  if (at < record_begin_) return;  // the line feed of a CR LF
  size_t next = at + 1;
  if (stretch_.text[at] == '\r') {
    const bool known = next < stretch_.size || stretch_.final;
    if (!known) {
      incomplete_ = stopped_ = true;
      return;
    }
    if (next < stretch_.size && stretch_.text[next] == '\n') ++next;
  }
  end_record(at, next);
}

void RecordScanner::end_record(size_t at, size_t next) {
  auto& index = *index_;
  index.lines += 1 + quoted_lines_;
  quoted_lines_ = 0;
  const size_t found = end_count_ - row_ends_ + 1;
  const bool empty = found == 1 && at == record_begin_;
  const auto begin = static_cast<uint32_t>(record_begin_);
  if (empty && columns_ != 1) {
    ++index.skipped;
  } else {
    index.ends[end_count_++] = static_cast<uint32_t>(at);
    if (columns_ == kAnyColumns) index.counts.push_back(static_cast<uint32_t>(found));
    if (at - record_begin_ > dialect_.max_field_bytes && has_large_field()) {
      reject_large_field(at, found);
    } else if (found == columns_ || columns_ == kAnyColumns) {
      index.begins[index.rows++] = begin;
      row_ends_ = end_count_;
    } else {
      index.faulty.push_back({.begin = begin,
                              .end = static_cast<uint32_t>(at),
                              .fault = found > columns_ ? Fault::too_many_fields : Fault::too_few_fields,
                              .field = static_cast<uint32_t>(std::min(found, columns_)),
                              .found = static_cast<uint32_t>(found)});
    }
  }
  begin_record(next);
}

bool RecordScanner::has_large_field() const {
  size_t begin = record_begin_;
  for (size_t i = row_ends_; i < end_count_; ++i) {
    if (index_->ends[i] - begin > dialect_.max_field_bytes) return true;
    begin = index_->ends[i] + 1;
  }
  return false;
}

void RecordScanner::reject_large_field(size_t at, size_t found) {
  if (columns_ == kAnyColumns) index_->counts.pop_back();
  index_->faulty.push_back({.begin = static_cast<uint32_t>(record_begin_),
                            .end = static_cast<uint32_t>(at),
                            .fault = Fault::field_too_large,
                            .field = static_cast<uint32_t>(columns_),
                            .found = static_cast<uint32_t>(found)});
}

void RecordScanner::begin_record(size_t next) {
  record_begin_ = field_begin_ = next;
  end_count_ = row_ends_;
  if (full()) {
    stopped_ = true;
    return;
  }
  if (dialect_.comment == kNoByte || next >= stretch_.size || stretch_.text[next] != dialect_.comment) return;
  // A comment reaches to the end of its physical line, whatever quotes it holds.
  while (next < stretch_.size && !stopped_ && stretch_.text[next] == dialect_.comment) {
    while (next < stretch_.size && !is_line_break(stretch_.text[next])) ++next;
    const bool known = next + 1 < stretch_.size || stretch_.final;
    if (!known) {
      incomplete_ = stopped_ = true;
      return;
    }
    if (next < stretch_.size) next += stretch_.text[next] == '\r' && stretch_.text[next + 1] == '\n' ? 2 : 1;
    next = std::min(next, stretch_.size);
    ++index_->lines;
    ++index_->skipped;
    record_begin_ = field_begin_ = next;
    stopped_ = full();
  }
  position_ = next;
  jumped_ = true;
}

bool RecordScanner::full() const {
  return record_begin_ >= stretch_.stop || index_->rows + index_->faulty.size() >= stretch_.max_rows ||
         record_begin_ >= stretch_.max_bytes;
}

bool RecordScanner::begins_field(size_t at) const {
  if (at == field_begin_) return true;
  if (!dialect_.trim) return false;
  return std::all_of(stretch_.text + field_begin_, stretch_.text + at, is_blank);
}

void RecordScanner::take_quote(size_t at) {
  const auto& bytes = dialect_.bytes;
  if (stretch_.text[at] != bytes.quote || !begins_field(at)) return;
  jumped_ = true;
  const bool doubles = bytes.escape == bytes.quote;
  size_t from = at + 1;
  for (;;) {
    const size_t found = next_quote(from);
    if (found - at > dialect_.max_field_bytes) return reject_first_line(Fault::field_too_large);
    if (found >= stretch_.size) break;
    const bool pair = doubles ? found + 1 < stretch_.size && stretch_.text[found + 1] == bytes.quote
                              : stretch_.text[found] == bytes.escape;
    if (!pair) return close_quote(at, found);
    from = found + 2;
  }
  if (stretch_.final) return reject_first_line(Fault::unterminated_quote);
  incomplete_ = stopped_ = true;
}

void RecordScanner::close_quote(size_t opened, size_t closed) {
  const uint8_t* text = stretch_.text;
  size_t after = closed + 1;
  while (dialect_.trim && after < stretch_.size && is_blank(text[after]) && text[after] != dialect_.bytes.delimiter)
    ++after;
  if (after >= stretch_.size && !stretch_.final) {
    incomplete_ = stopped_ = true;
    return;
  }
  const bool closes = after >= stretch_.size || text[after] == dialect_.bytes.delimiter || is_line_break(text[after]);
  if (closes) {
    quoted_lines_ += count_line_ends(text + opened, closed - opened);
    position_ = after;
    return;
  }
  const bool several_lines = std::any_of(text + opened, text + closed, is_line_break);
  reject_first_line(several_lines ? Fault::unterminated_quote : Fault::text_after_quote);
}

void RecordScanner::reject_first_line(Fault fault) {
  const uint8_t* text = stretch_.text;
  const auto* line_end = std::find_if(text + record_begin_, text + stretch_.size, is_line_break);
  const auto end = static_cast<size_t>(line_end - text);
  if (end + 1 >= stretch_.size && !stretch_.final) {
    incomplete_ = stopped_ = true;
    return;
  }
  size_t next = std::min(end + 1, stretch_.size);
  if (next < stretch_.size && text[end] == '\r' && text[next] == '\n') ++next;
  const auto field = static_cast<uint32_t>(end_count_ - row_ends_);
  index_->faulty.push_back({.begin = static_cast<uint32_t>(record_begin_),
                            .end = static_cast<uint32_t>(end),
                            .fault = fault,
                            .field = field,
                            .found = field + 1});
  ++index_->lines;
  quoted_lines_ = 0;
  position_ = next;
  begin_record(next);
}

size_t RecordScanner::next_quote(size_t from) {
  size_t block = from / kBlockBytes;
  uint64_t pending = ~uint64_t{0} << (from % kBlockBytes);
  for (; block * kBlockBytes < stretch_.size; ++block, pending = ~uint64_t{0}) {
    const uint64_t quotes = masks_of(block).quote & pending;
    if (quotes != 0) return block * kBlockBytes + static_cast<size_t>(std::countr_zero(quotes));
  }
  return stretch_.size;
}

const BlockMasks& RecordScanner::masks_of(size_t block) {
  const size_t offset = block - window_begin_;
  if (block >= window_begin_ && offset < window_size_) return window_[offset];
  const size_t whole = stretch_.size / kBlockBytes;
  window_begin_ = block;
  window_size_ = block < whole ? std::min(kWindow, whole - block) : 1;
  const uint8_t* text = stretch_.text + block * kBlockBytes;
  if (block < whole) {
    index_->special |= find_structure(text, dialect_.bytes, std::span(window_).first(window_size_));
    return window_[0];
  }
  // The rest is copied, filled up with a byte that means nothing.
  std::array<uint8_t, kBlockBytes> rest;
  rest.fill(' ');
  const size_t size = stretch_.size - block * kBlockBytes;
  std::memcpy(rest.data(), text, size);
  index_->special |= find_structure(rest.data(), dialect_.bytes, std::span(window_).first(1));
  if (size < kBlockBytes) {
    const uint64_t valid = (uint64_t{1} << size) - 1;
    window_[0].structural &= valid;
    window_[0].quote &= valid;
  }
  return window_[0];
}

}  // namespace mainstem::format::csv
