#include "format/csv/dialect.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <optional>

#include "format/csv/fields_of_record.h"
#include "format/csv/header.h"

namespace mainstem::format::csv {
namespace {

constexpr std::string_view kCandidates = ",;\t|";
// Shares of the records that must agree on the number of fields.
constexpr double kAgreement = 0.8;
constexpr double kAgreementAlone = 0.5;
constexpr size_t kSampleRecords = 20'000;

/// What a delimiter would make of the sample.
struct Trial {
  uint8_t delimiter = 0;
  size_t fields = 1;  // in most records
  size_t first = 0;   // in the first record
  size_t agreeing = 0;
  size_t records = 0;
  bool occurs = false;

  double agreement() const { return records == 0 ? 0 : static_cast<double>(agreeing) / static_cast<double>(records); }
  std::string to_string() const {
    return fmt::format("{} gives {} field{} in {} of the first {} records", show_byte(delimiter), fields,
                       fields == 1 ? "" : "s", agreeing, records);
  }
};

Trial try_delimiter(const Sample& sample, const Dialect& dialect) {
  RecordIndex index;
  RecordScanner(dialect, kAnyColumns)
      .scan({.text = sample.text.data(), .size = sample.size, .final = sample.whole, .max_rows = kSampleRecords},
            index);
  Trial trial{.delimiter = dialect.bytes.delimiter, .records = index.rows + index.faulty.size()};
  std::map<size_t, size_t> frequency;
  for (const uint32_t count : index.counts) {
    ++frequency[count];
    trial.occurs |= count > 1;
  }
  // Among equally frequent numbers that of the first record wins, which mostly is a header.
  trial.first = index.counts.empty() ? 0 : index.counts.front();
  trial.fields = std::max<size_t>(trial.first, 1);
  trial.agreeing = frequency[trial.fields];
  for (const auto& [fields, count] : frequency) {
    if (count <= trial.agreeing) continue;
    trial.fields = fields;
    trial.agreeing = count;
  }
  return trial;
}

Error doubtful(const std::string& name, const std::string& what, const std::vector<Trial>& trials) {
  std::vector<std::string> seen;
  for (const auto& trial : trials)
    if (trial.occurs) seen.push_back(trial.to_string());
  return Error(ErrorCode::invalid_data, fmt::format("{}: {}: {}", name, what, fmt::join(seen, "; ")))
      .hint("give the option delimiter ('none' for lines of one column)");
}

Result<uint8_t> choose_delimiter(const Sample& sample, Dialect dialect, const std::string& name) {
  std::vector<Trial> trials;
  for (const char candidate : kCandidates) {
    dialect.bytes.delimiter = static_cast<uint8_t>(candidate);
    if (dialect.bytes.delimiter == dialect.bytes.quote) continue;
    trials.push_back(try_delimiter(sample, dialect));
  }
  const auto occurring = std::ranges::count_if(trials, [](const Trial& trial) { return trial.occurs; });
  if (occurring == 0) return kNoByte;
  const double least = occurring == 1 ? kAgreementAlone : kAgreement;
  std::vector<Trial> fit;
  std::ranges::copy_if(trials, std::back_inserter(fit), [&](const Trial& trial) {
    return trial.fields > 1 && trial.first == trial.fields && trial.agreement() >= least;
  });
  if (fit.size() == 1) return fit.front().delimiter;
  // One that fits every record beats others that fit most of them only.
  std::vector<Trial> perfect;
  std::ranges::copy_if(fit, std::back_inserter(perfect), [](const Trial& trial) { return trial.agreement() == 1; });
  if (perfect.size() == 1) return perfect.front().delimiter;
  if (!fit.empty()) return doubtful(name, "several delimiters would do", fit);
  const bool folded = std::ranges::none_of(trials, [](const Trial& trial) { return trial.fields > 1; });
  return doubtful(name, folded ? "cannot tell whether this is one column" : "the records disagree on their fields",
                  trials);
}

Dialect dialect_of(const ReadOptions& options) {
  const auto byte = [](const std::string& text) { return text.empty() ? kNoByte : static_cast<uint8_t>(text[0]); };
  Dialect dialect;
  dialect.bytes.delimiter = options.delimiter == "none" ? kNoByte : byte(options.delimiter);
  dialect.bytes.quote = byte(options.quote);
  dialect.bytes.escape = options.escape.empty() ? dialect.bytes.quote : byte(options.escape);
  dialect.comment = byte(options.comment);
  dialect.trim = options.trim;
  dialect.max_field_bytes = static_cast<size_t>(options.max_field_size.bytes);
  return dialect;
}

Result<void> settle_delimiter(const Sample& sample, const ReadOptions& options, const std::string& name,
                              Dialect& dialect) {
  if (!options.delimiter.empty()) return {};
  if (is_tsv(name)) {
    dialect.bytes.delimiter = '\t';
    const auto tabs = try_delimiter(sample, dialect);
    if (tabs.fields > 1 && tabs.first == tabs.fields && tabs.agreement() >= kAgreementAlone) return {};
  }
  MS_ASSIGN(dialect.bytes.delimiter, choose_delimiter(sample, dialect, name));
  return {};
}

// Goes through a file from its end to its beginning, code unit by code unit.
class Backwards {
 public:
  explicit Backwards(const SourceFile& source) : source_(source), at_(source.size) {
    const bool wide = source.encoding == Encoding::utf16le || source.encoding == Encoding::utf16be;
    unit_ = wide ? 2 : 1;
    low_ = source.encoding == Encoding::utf16be ? 1 : 0;
    at_ -= (at_ - source.text_begin) % unit_;
  }

  int64_t offset() const { return at_; }
  int64_t unit() const { return unit_; }
  bool done() const { return at_ <= source_.text_begin; }

  // The unit before; its offset is then `offset`.
  Result<char> step() {
    at_ -= unit_;
    if (at_ < window_begin_) {
      const int64_t end = at_ + unit_;
      window_begin_ = std::max(source_.text_begin, end - static_cast<int64_t>(window_.size()));
      MS_TRY(read_fully(source_, window_begin_, {window_.data(), static_cast<size_t>(end - window_begin_)}));
    }
    const auto* bytes = window_.data() + (at_ - window_begin_);
    const bool ascii = unit_ == 1 || bytes[1 - low_] == 0;
    return ascii ? static_cast<char>(bytes[low_]) : 'x';
  }

 private:
  const SourceFile& source_;
  int64_t at_;
  int64_t unit_ = 1;
  int64_t low_ = 0;  // byte of a unit that holds an ASCII character
  int64_t window_begin_ = std::numeric_limits<int64_t>::max();
  std::array<uint8_t, 64 << 10> window_;
};

}  // namespace

bool is_tsv(std::string_view file_name) {
  return file_name.ends_with(".tsv") || file_name.ends_with(".tsv.gz") || file_name.ends_with(".tsv.zst");
}

Result<Sample> take_sample(const SourceFile& source, int64_t skip_lines, size_t bytes) {
  Sample sample;
  int64_t at = source.text_begin;
  int64_t to_skip = skip_lines;
  Decoder decoder(source.encoding);
  sample.place = {.offset = source.text_begin, .line = 1};
  while (at < source.size && (to_skip > 0 || sample.text.size() < bytes)) {
    const int64_t count = std::min<int64_t>(source.size - at, 256 * 1024);
    std::vector<uint8_t> raw(static_cast<size_t>(count));
    MS_TRY(read_fully(source, at, raw));
    at += count;
    decoder.decode(raw, at >= source.size, sample.text);
    size_t skipped = 0;
    while (to_skip > 0 && skipped < sample.text.size()) {
      const auto found = std::find_if(sample.text.begin() + static_cast<std::ptrdiff_t>(skipped), sample.text.end(),
                                      [](uint8_t byte) { return byte == '\n' || byte == '\r'; });
      auto next = static_cast<size_t>(found - sample.text.begin()) + 1;
      if (next >= sample.text.size() && at < source.size) break;
      if (next < sample.text.size() && *found == '\r' && sample.text[next] == '\n') ++next;
      skipped = std::min(next, sample.text.size());
      --to_skip;
      ++sample.place.line;
    }
    sample.place.offset += encoded_size(source.encoding, sample.text.data(), skipped);
    sample.text.erase(sample.text.begin(), sample.text.begin() + static_cast<std::ptrdiff_t>(skipped));
  }
  sample.whole = at >= source.size;
  sample.size = sample.text.size();
  sample.text.resize(sample.size + kBlockBytes);
  return sample;
}

Result<Layout> detect_layout(const Sample& sample, const ReadOptions& options, const std::string& file_name) {
  Layout layout{.dialect = dialect_of(options)};
  MS_TRY(settle_delimiter(sample, options, file_name, layout.dialect));
  MS_TRY(settle_header(sample, options, file_name, layout));
  return layout;
}

bool holds_record(const Sample& sample, const Layout& layout) {
  return sample.whole || !fields_of_records(layout.dialect, sample, 1).records.empty();
}

Result<void> leave_out_footer(SourceFile& source, int64_t lines) {
  if (lines == 0) return {};
  Backwards back(source);
  char behind = '\0';
  bool any = false;
  while (!back.done()) {
    const int64_t end = back.offset();
    MS_ASSIGN(const char c, back.step());
    // "\r\n" is one line end, and the one at the very end begins no line.
    const bool ends_line = c == '\n' || (c == '\r' && behind != '\n');
    if (ends_line && any && --lines == 0) {
      source.size = end;
      return {};
    }
    any = true;
    behind = c;
  }
  source.size = source.text_begin;
  return {};
}

}  // namespace mainstem::format::csv
