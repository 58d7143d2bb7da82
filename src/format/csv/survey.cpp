#include "format/csv/survey.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

namespace mainstem::format::csv {
namespace {

// A file is cut into at most about this many tasks.
constexpr int64_t kMostTasks = 64;
constexpr size_t kScanBytes = 256 * 1024;

struct Block {
  size_t file = 0;
  int64_t begin = 0;  // nominal
  int64_t stop = 0;
  bool first = false;
};

struct Finding {
  Place begin;  // the line counts from 1 in the block, unless it is the first
  Place end;
  std::vector<ColumnEvidence> columns;
  int64_t rows = 0;
  int64_t wrong_width = 0;
};

class Surveyor {
 public:
  Surveyor(Context& context, const SurveyRequest& request, int64_t block_bytes)
      : context_(context), request_(request), files_(*request.files) {
    for (size_t file = 0; file < files_.size(); ++file) split(file, block_bytes);
    findings_.resize(blocks_.size());
  }

  Result<Survey> run() {
    MS_TRY(read_blocks());
    Survey result;
    result.columns.resize(request_.infer.size());
    Place at;
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const auto& block = blocks_[i];
      if (block.first) at = files_[block.file].data;
      MS_TRY(settle(i, at));
      auto& finding = *findings_[i];
      merge(finding, result);
      const int64_t lines = finding.end.line - finding.begin.line;
      const Place end{.offset = finding.end.offset, .line = at.line + lines};
      add_cut({.file = block.file, .begin = at, .end = end.offset}, result);
      at = end;
      findings_[i].reset();
    }
    return result;
  }

 private:
  void split(size_t file, int64_t block_bytes) {
    const int64_t end = files_[file].source.size;
    const int64_t begin = std::min(files_[file].data.offset, end);
    const int64_t size = std::max<int64_t>(block_bytes / 2 * 2, 2);
    int64_t at = begin;
    do {
      const int64_t stop = end - at <= size + size / 2 ? end : at + size;
      blocks_.push_back({.file = file, .begin = at, .stop = stop, .first = at == begin});
      at = stop;
    } while (at < end);
  }

  Result<void> read_blocks() {
    const auto threads = std::min<size_t>(static_cast<size_t>(std::max(context_.threads, 1)), blocks_.size());
    std::vector<Result<void>> outcomes(threads);
    std::vector<std::thread> others;
    for (size_t i = 1; i < threads; ++i) others.emplace_back([this, &outcomes, i] { outcomes[i] = work(); });
    outcomes[0] = work();
    for (auto& other : others) other.join();
    for (auto& outcome : outcomes) MS_TRY(std::move(outcome));
    return {};
  }

  Result<void> work() {
    for (size_t i = next_.fetch_add(1); i < blocks_.size(); i = next_.fetch_add(1)) {
      const auto& block = blocks_[i];
      Place begin{.offset = block.begin, .line = 1};
      if (block.first) begin = files_[block.file].data;
      if (!block.first) {
        MS_ASSIGN(begin, guess_begin(block));
      }
      MS_ASSIGN(findings_[i], read(block, begin));
    }
    return {};
  }

  // Behind the first line break that ends at or behind the block's beginning.
  Result<Place> guess_begin(const Block& block) {
    const auto& source = files_[block.file].source;
    const bool wide = source.encoding == Encoding::utf16le || source.encoding == Encoding::utf16be;
    const int64_t from = block.begin - (wide ? 2 : 1);
    int64_t offset = from;
    int64_t read_to = from;
    bool after_return = false;
    Decoder decoder(source.encoding);
    std::vector<uint8_t> raw;
    while (read_to < source.size) {
      MS_TRY(context_.cancellation.check());
      raw.resize(static_cast<size_t>(std::min<int64_t>(64 * 1024, source.size - read_to)));
      MS_TRY(read_fully(source, read_to, raw));
      read_to += static_cast<int64_t>(raw.size());
      std::vector<uint8_t> text;
      decoder.decode(raw, read_to >= source.size, text);
      if (after_return && !text.empty())
        return Place{.offset = offset + (text[0] == '\n' ? (wide ? 2 : 1) : 0), .line = 1};
      const auto found = std::ranges::find_if(text, [](uint8_t byte) { return byte == '\n' || byte == '\r'; });
      auto next = static_cast<size_t>(found - text.begin());
      const bool is_return = found != text.end() && *found == '\r';
      if (found != text.end()) ++next;
      if (is_return && next < text.size() && text[next] == '\n') ++next;
      offset += encoded_size(source.encoding, text.data(), next);
      after_return = is_return && next == text.size();
      if (found != text.end() && !after_return) break;
    }
    return Place{.offset = std::min(offset, source.size), .line = 1};
  }

  Result<Finding> read(const Block& block, Place begin) {
    const auto& source = files_[block.file].source;
    Finding finding{.begin = begin, .end = begin};
    finding.columns.resize(request_.infer.size());
    if (begin.offset >= block.stop && !block.first) return finding;
    RecordStream stream(source, {.begin = begin, .end = source.size, .stop = block.stop}, request_.dialect,
                        request_.infer.size());
    for (;;) {
      MS_ASSIGN(const bool more, stream.next(context_, {.max_bytes = kScanBytes}));
      if (!more) break;
      observe(stream, finding);
    }
    finding.end = stream.place_behind();
    return finding;
  }

  void observe(const RecordStream& stream, Finding& finding) const {
    const auto& index = stream.index();
    finding.rows += static_cast<int64_t>(index.rows);
    finding.wrong_width += std::ranges::count_if(index.faulty, [](const FaultyRecord& record) {
      return record.fault == Fault::too_few_fields || record.fault == Fault::too_many_fields;
    });
    for (size_t column = 0; column < finding.columns.size(); ++column) {
      auto& evidence = finding.columns[column];
      if (!request_.infer[column] || evidence.is_text()) continue;
      Cells cells(stream.text(), index, column, request_.dialect, request_.nulls);
      std::string_view value;
      for (size_t row = 0; row < index.rows && !evidence.is_text(); ++row)
        if (cells.value(row, value)) evidence.observe(value, request_.rules);
    }
  }

  Result<void> settle(size_t i, Place at) {
    if (findings_[i]->begin.offset == at.offset) return {};
    if (at.offset >= blocks_[i].stop) {
      findings_[i] = Finding{.begin = at, .end = at, .columns = std::vector<ColumnEvidence>(request_.infer.size())};
      return {};
    }
    MS_ASSIGN(findings_[i], read(blocks_[i], at));
    return {};
  }

  static void merge(const Finding& finding, Survey& result) {
    for (size_t column = 0; column < result.columns.size(); ++column)
      result.columns[column].merge(finding.columns[column]);
    result.rows += finding.rows;
    result.wrong_width += finding.wrong_width;
  }

  void add_cut(Cut cut, Survey& result) const {
    const int64_t least = files_[cut.file].source.size / kMostTasks;
    const bool same_file = !result.cuts.empty() && result.cuts.back().file == cut.file;
    const bool empty = cut.end <= cut.begin.offset;
    if (same_file && (empty || result.cuts.back().end - result.cuts.back().begin.offset < least))
      result.cuts.back().end = cut.end;
    else
      result.cuts.push_back(cut);
  }

  Context& context_;
  const SurveyRequest& request_;
  const std::vector<DataFile>& files_;
  std::vector<Block> blocks_;
  std::vector<std::optional<Finding>> findings_;
  std::atomic<size_t> next_{0};
};

}  // namespace

Result<Survey> survey_in_blocks(Context& context, const SurveyRequest& request, int64_t block_bytes) {
  return Surveyor(context, request, block_bytes).run();
}

Result<Survey> survey(Context& context, const SurveyRequest& request) {
  return survey_in_blocks(context, request, kSurveyBlock);
}

}  // namespace mainstem::format::csv
