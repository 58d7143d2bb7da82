#include "format/csv/writer.h"

#include <array>
#include <arrow/api.h>
#include <arrow/io/api.h>
#include <string_view>

#include "columnar/status.h"
#include "format/csv/cell_writer.h"
#include "format/csv/dialect.h"
#include "observability/context.h"

namespace mainstem::format::csv {
namespace {

constexpr size_t kFlushBytes = 256 * 1024;
constexpr int64_t kRowsBetweenChecks = 4096;

class CsvWriter final : public Writer {
 public:
  CsvWriter(Context& context, WriteRequest request, WriteOptions options)
      : context_(context), request_(std::move(request)), options_(std::move(options)) {
    delimiter_ = options_.delimiter[0];
    quote_ = options_.quote[0];
    line_end_ = options_.line_ending == LineEnding::crlf ? "\r\n" : "\n";
    for (const char c : {delimiter_, quote_, '\n', '\r', '\0'}) needs_quotes_[static_cast<unsigned char>(c)] = true;
  }

  Result<void> start() {
    const auto& fields = request_.schema->fields();
    if (fields.empty()) return Error(ErrorCode::unsupported, "a CSV file needs at least one column");
    for (const auto& field : fields) {
      MS_ASSIGN_DURING(auto writer, make_cell_writer(*field->type(), options_.binary),
                       "writing column " + field->name());
      cells_.push_back(std::move(writer));
    }
    if (options_.bom) out_ += "\xef\xbb\xbf";
    if (!options_.header) return {};
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) out_ += delimiter_;
      const size_t begin = out_.size();
      out_ += fields[i]->name();
      MS_TRY(quote_text(begin));
    }
    out_ += line_end_;
    return {};
  }

  Result<void> write(const arrow::RecordBatch& batch) override {
    if (!batch.schema()->Equals(*request_.schema, false))
      return Error(ErrorCode::internal, "a batch does not have the schema of its file");
    for (size_t i = 0; i < cells_.size(); ++i) cells_[i]->bind(*batch.column(static_cast<int>(i)));
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (row % kRowsBetweenChecks == 0) MS_TRY(context_.cancellation.check());
      MS_TRY(write_row(row));
      if (out_.size() >= kFlushBytes) MS_TRY(flush());
    }
    return {};
  }

  Result<void> finish() override { return flush(); }

 private:
  Result<void> write_row(int64_t row) {
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (i > 0) out_ += delimiter_;
      const auto& cell = *cells_[i];
      if (cell.is_null(row)) {
        out_ += options_.null_text;
        continue;
      }
      const size_t begin = out_.size();
      MS_TRY_DURING(cell.write(row, out_), "writing column " + request_.schema->field(static_cast<int>(i))->name());
      if (cell.free_text())
        MS_TRY_DURING(quote_text(begin), "writing column " + request_.schema->field(static_cast<int>(i))->name());
      else if (options_.quoting == Quoting::all || delimiter_ == ':' || is_null_text(begin))
        wrap(begin);
    }
    out_ += line_end_;
    return {};
  }

  bool is_null_text(size_t begin) const { return std::string_view(out_).substr(begin) == options_.null_text; }

  // Puts the text from `begin` on in quotes, if it needs them.
  Result<void> quote_text(size_t begin) {
    const auto text = std::string_view(out_).substr(begin);
    bool needed = options_.quoting == Quoting::all || text.empty() || text.front() == ' ' || text.back() == ' ' ||
                  text.front() == '#' || text.starts_with("\xef\xbb\xbf") || text == options_.null_text;
    bool marked = false;
    for (const char c : text) marked |= needs_quotes_[static_cast<unsigned char>(c)];
    if (!needed && !marked) return {};
    if (marked && text.find('\0') != std::string_view::npos)
      return Error(ErrorCode::invalid_data, "a text holds a NUL byte, which CSV readers do not take");
    if (!marked || text.find(quote_) == std::string_view::npos) {
      wrap(begin);
      return {};
    }
    const std::string plain(text);
    out_.resize(begin);
    out_ += quote_;
    for (const char c : plain) {
      if (c == quote_) out_ += quote_;
      out_ += c;
    }
    out_ += quote_;
    return {};
  }

  void wrap(size_t begin) {
    out_.insert(begin, 1, quote_);
    out_ += quote_;
  }

  Result<void> flush() {
    MS_TRY(columnar::from_arrow(request_.stream->Write(out_.data(), static_cast<int64_t>(out_.size())), "writing CSV"));
    out_.clear();
    return {};
  }

  Context& context_;
  WriteRequest request_;
  WriteOptions options_;
  char delimiter_;
  char quote_;
  std::string_view line_end_;
  std::array<bool, 256> needs_quotes_{};
  std::vector<std::unique_ptr<CellWriter>> cells_;
  std::string out_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(Context& context, WriteRequest request) {
  if (is_tsv(request.file_name) && request.options.find("delimiter") == nullptr)
    request.options.set("delimiter", config::Node::scalar("tab"));
  MS_ASSIGN(auto options, parse_write_options(request.options));
  auto writer = std::make_unique<CsvWriter>(context, std::move(request), std::move(options));
  MS_TRY(writer->start());
  return std::unique_ptr<Writer>(std::move(writer));
}

}  // namespace mainstem::format::csv
