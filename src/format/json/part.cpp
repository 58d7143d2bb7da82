#include "format/json/part.h"

#include <algorithm>
#include <arrow/io/interfaces.h>
#include <atomic>
#include <cctype>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "columnar/status.h"
#include "format/json/element_parser.h"
#include "format/json/nested_path.h"
#include "format/json/row_parser.h"
#include "observability/context.h"

namespace mainstem::format::json {
namespace {

constexpr int64_t kLeastPart = int64_t{4} << 20;
constexpr int64_t kMostPart = int64_t{64} << 20;
constexpr int kPartsPerThread = 4;
// A first line that is longer than this decides nothing.
constexpr size_t kLookAhead = size_t{1} << 20;

// Passes by a byte order mark.
Result<ByteWindow> open_window(io::Input& input) {
  MS_ASSIGN(auto stream, input.open_stream());
  ByteWindow window(std::move(stream), 0);
  while (window.text().size() < 3) {
    MS_ASSIGN(const bool more, window.more());
    if (!more) break;
  }
  if (window.text().starts_with("\xEF\xBB\xBF")) window.eat(3);
  if (window.text().starts_with("\xFF\xFE") || window.text().starts_with("\xFE\xFF"))
    return Error(ErrorCode::unsupported, input.name() + " is UTF-16, but JSON is UTF-8 (RFC 8259, section 8.1)")
        .hint("convert it: iconv -f UTF-16 -t UTF-8");
  return window;
}

Result<ByteWindow> open_window_at(io::Input& input, int64_t offset) {
  MS_ASSIGN(auto file, input.open_file());
  MS_ASSIGN(const int64_t size, columnar::from_arrow(file->GetSize()));
  MS_ASSIGN(auto stream,
            columnar::from_arrow(arrow::io::RandomAccessFile::GetStream(std::move(file), offset, size - offset)));
  return ByteWindow(std::move(stream), offset);
}

RecordsOptions records_options(const io::Input& input, const ReadOptions& options) {
  RecordsOptions result{.object = input.name(), .max_record_bytes = options.max_record.bytes};
  if (!options.records.empty()) result.path = split_path(options.records);
  return result;
}

bool named_as_lines(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const std::string_view packed : {".gz", ".zst"})
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  return name.ends_with(".ndjson") || name.ends_with(".jsonl");
}

// Whether the brackets that a line opens are closed in it.
bool is_balanced(std::string_view line) {
  int64_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (in_string && line[i] == '\\')
      ++i;
    else if (line[i] == '"')
      in_string = !in_string;
    else if (!in_string && (line[i] == '{' || line[i] == '['))
      ++depth;
    else if (!in_string && (line[i] == '}' || line[i] == ']'))
      --depth;
  }
  return depth == 0 && !in_string;
}

// Moves to the first line that begins at the window's beginning or later.
Result<void> pass_line(ByteWindow& window) {
  for (;;) {
    const auto newline = window.text().find('\n');
    if (newline != std::string_view::npos) {
      window.eat(newline + 1);
      return {};
    }
    window.eat(window.text().size());
    MS_ASSIGN(const bool more, window.more());
    if (!more) return {};
  }
}

// Shows what records hold: as they are, or the rows inside of them.
class Observer {
 public:
  static Result<std::unique_ptr<Observer>> make(const ReadOptions& options, Findings& findings) {
    MS_ASSIGN(auto nested, read_nested_path(options));
    return std::unique_ptr<Observer>(new Observer(options, std::move(nested), findings));
  }

  Result<void> observe(std::string_view record) {
    if (elements_) {
      MS_ASSIGN(const int64_t rows, elements_->observe(record, recorder_));
      findings_.rows += rows;
      return {};
    }
    ++findings_.rows;
    MS_TRY(records_.observe(record, recorder_));
    return {};
  }

 private:
  Observer(const ReadOptions& options, std::optional<NestedPath> nested, Findings& findings)
      : nested_(std::move(nested)),
        findings_(findings),
        recorder_(findings.shape),
        records_({.max_depth = options.max_depth, .infer_dates = options.infer_dates}) {
    if (nested_)
      elements_.emplace(*nested_, ParseOptions{.max_depth = options.max_depth, .infer_dates = options.infer_dates},
                        false);
  }

  std::optional<NestedPath> nested_;
  Findings& findings_;
  ShapeRecorder recorder_;
  RowParser records_;
  std::optional<ElementParser> elements_;
};

// Threads that take one part after the other until one of them fails.
class Crew {
 public:
  Crew(size_t parts, std::function<Result<Findings>(size_t)> look) : look_(std::move(look)), findings_(parts) {}

  Result<std::vector<Findings>> run(int threads) {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads && static_cast<size_t>(i) < findings_.size(); ++i)
      others.emplace_back([this] { work(); });
    work();
    others.clear();
    if (failure_) return std::move(*failure_);
    return std::move(findings_);
  }

 private:
  void work() {
    for (size_t part = taken_++; part < findings_.size(); part = taken_++) {
      auto found = look_(part);
      const std::lock_guard lock(mutex_);
      if (failure_) return;
      if (found)
        findings_[part] = *std::move(found);
      else
        failure_ = std::move(found).error();
    }
  }

  std::function<Result<Findings>(size_t)> look_;
  std::atomic<size_t> taken_{0};
  std::mutex mutex_;
  std::vector<Findings> findings_;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::unique_ptr<Records>> open_records(io::Input& input, const ReadOptions& options, const Part& part) {
  auto settings = records_options(input, options);
  const bool from_inside = part.offset > 0;
  MS_ASSIGN_DURING(auto window, from_inside ? open_window_at(input, part.offset) : open_window(input),
                   "opening " + input.name());
  if (part.layout == Layout::lines) return records_by_line(std::move(window), std::move(settings), part.line, part.end);
  if (part.layout == Layout::document) return records_of_document(std::move(window), std::move(settings));
  return records_of_array(std::move(window), std::move(settings));
}

Result<Layout> find_layout(io::Input& input, const ReadOptions& options) {
  if (!options.records.empty()) return Layout::array;
  if (options.layout != Layout::automatic) return options.layout;
  if (named_as_lines(input.name())) return Layout::lines;
  MS_ASSIGN_DURING(auto window, open_window(input), "opening " + input.name());
  for (;;) {
    const auto text = window.text();
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && text[first] == '[') return Layout::array;
    const auto newline = first == std::string_view::npos ? first : text.find('\n', first);
    if (newline != std::string_view::npos)
      return is_balanced(text.substr(first, newline - first)) ? Layout::lines : Layout::document;
    if (first != std::string_view::npos && text.size() - first > kLookAhead) return Layout::document;
    if (first == std::string_view::npos) window.eat(text.size());
    MS_ASSIGN(const bool more, window.more());
    if (!more) return Layout::lines;
  }
}

Result<std::vector<Part>> cut_inputs(const Context& context, const std::vector<std::shared_ptr<io::Input>>& inputs,
                                     const ReadOptions& options) {
  std::vector<Part> parts;
  for (size_t i = 0; i < inputs.size(); ++i) {
    MS_TRY(context.cancellation.check());
    MS_ASSIGN(const auto layout, find_layout(*inputs[i], options));
    const auto size = inputs[i]->size();
    if (layout != Layout::lines || !inputs[i]->seekable() || !size) {
      parts.push_back({.input = i, .layout = layout});
      continue;
    }
    const int64_t length = std::clamp(*size / (int64_t{context.threads} * kPartsPerThread) + 1, kLeastPart, kMostPart);
    for (int64_t offset = 0; offset < *size; offset += length)
      parts.push_back({.input = i, .layout = layout, .offset = offset, .end = std::min(offset + length, *size)});
  }
  return parts;
}

Result<Findings> look_at(Context& context, io::Input& input, const ReadOptions& options, Part part) {
  constexpr int64_t records_between_checks = 1024;
  if (part.offset > 0) {
    // The byte before may be the end of a line, and then a record begins here.
    MS_ASSIGN_DURING(auto window, open_window_at(input, part.offset - 1), "opening " + input.name());
    MS_TRY_DURING(pass_line(window), "reading " + input.name());
    part.offset = window.offset();
  }
  Findings findings{.part = part};
  if (part.offset >= part.end) return findings;
  MS_ASSIGN(auto records, open_records(input, options, part));
  MS_ASSIGN(auto observer, Observer::make(options, findings));
  for (;;) {
    MS_ASSIGN_DURING(const auto record, records->next(), "reading " + input.name());
    if (!record) break;
    if (++findings.records % records_between_checks == 0) MS_TRY(context.cancellation.check());
    if (record->too_large) continue;
    MS_TRY_DURING(observer->observe(record->text), "reading " + input.name());
  }
  findings.lines = records->line() - part.line;
  if (part.end != Part::kToEnd) findings.part.end = records->offset();
  return findings;
}

Result<std::vector<Findings>> look_at_all(Context& context, const std::vector<std::shared_ptr<io::Input>>& inputs,
                                          const ReadOptions& options, const std::vector<Part>& parts) {
  Crew crew(parts.size(), [&](size_t i) { return look_at(context, *inputs[parts[i].input], options, parts[i]); });
  MS_ASSIGN(auto findings, crew.run(context.threads));
  int64_t line = 1;
  int64_t record = 1;
  for (size_t i = 0; i < findings.size(); ++i) {
    if (i > 0 && findings[i].part.input != findings[i - 1].part.input) line = record = 1;
    findings[i].part.line = line;
    findings[i].part.record = record;
    line += findings[i].lines;
    record += findings[i].records;
  }
  return findings;
}

}  // namespace mainstem::format::json
