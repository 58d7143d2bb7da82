#include <cstring>
#include <utility>

#include "format/json/records.h"

namespace mainstem::format::json {
namespace {

constexpr std::string_view kBlanks = " \t\r";

class LineRecords final : public Records {
 public:
  LineRecords(ByteWindow window, RecordsOptions options, int64_t line, int64_t end)
      : window_(std::move(window)), options_(std::move(options)), line_(line), end_(end) {}

  Result<std::optional<Record>> next() override {
    for (;;) {
      eat_last();
      if (window_.offset() >= end_) return std::optional<Record>();
      MS_ASSIGN(const size_t length, find_line());
      if (skipped_ > 0) {
        Record record{.text = beginning_, .line = line_, .offset = window_.offset() - skipped_, .too_large = true};
        skipped_ = 0;
        return std::optional<Record>(record);
      }
      if (length == 0 && window_.text().empty()) return std::optional<Record>();
      const auto text = window_.text().substr(0, length);
      const auto first = text.find_first_not_of(kBlanks);
      if (first == std::string_view::npos) continue;
      const auto last = text.find_last_not_of(kBlanks);
      return std::optional<Record>(Record{.text = text.substr(first, last - first + 1),
                                          .line = line_,
                                          .offset = window_.offset() + static_cast<int64_t>(first)});
    }
  }
  int64_t line() const override { return line_ + (pending_newline_ ? 1 : 0); }
  int64_t offset() const override { return window_.offset() + static_cast<int64_t>(pending_); }

 private:
  void eat_last() {
    window_.eat(pending_);
    if (pending_newline_) ++line_;
    pending_ = 0;
    pending_newline_ = false;
  }

  // Length of the line at the front of the window, which is there as a whole; of a line over the limit, of its rest.
  Result<size_t> find_line() {
    size_t searched = 0;
    for (;;) {
      const auto text = window_.text();
      const auto* found =
          text.size() == searched
              ? nullptr
              : static_cast<const char*>(std::memchr(text.data() + searched, '\n', text.size() - searched));
      if (found != nullptr) {
        const auto length = static_cast<size_t>(found - text.data());
        if (static_cast<int64_t>(length) > options_.max_record_bytes) return skip(length, 1);
        pending_ = length + 1;
        pending_newline_ = true;
        return length;
      }
      searched = text.size();
      if (static_cast<int64_t>(searched) > options_.max_record_bytes) {
        MS_TRY(skip(searched, 0));
        searched = 0;
      }
      MS_ASSIGN(const bool more, window_.more());
      if (more) continue;
      pending_ = window_.text().size();
      return pending_;
    }
  }

  Result<size_t> skip(size_t bytes, size_t newline) {
    if (skipped_ == 0) beginning_ = window_.text().substr(0, std::min<size_t>(bytes, size_t{64} << 10));
    window_.eat(bytes);
    skipped_ += static_cast<int64_t>(bytes);
    pending_ = newline;
    pending_newline_ = newline > 0;
    return size_t{0};
  }

  ByteWindow window_;
  RecordsOptions options_;
  int64_t line_;
  int64_t end_;
  size_t pending_ = 0;  // bytes of the record given out last
  bool pending_newline_ = false;
  int64_t skipped_ = 0;  // bytes of a line over the limit
  std::string beginning_;
};

}  // namespace

std::unique_ptr<Records> records_by_line(ByteWindow window, RecordsOptions options, int64_t line, int64_t end) {
  return std::make_unique<LineRecords>(std::move(window), std::move(options), line, end);
}

}  // namespace mainstem::format::json
