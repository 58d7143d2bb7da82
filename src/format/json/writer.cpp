#include <arrow/array.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "columnar/status.h"
#include "columnar/wider_type.h"
#include "format/json/operations.h"
#include "format/json/options.h"
#include "format/value_append.h"
#include "format/value_text.h"

namespace mainstem::format::json {
namespace {

constexpr size_t kFlushBytes = size_t{256} << 10;

// For text that is known to be UTF-8.
void write_quoted(std::string_view text, std::string& out) {
  out += '"';
  size_t first = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, first, i - first);
    first = i + 1;
    if (c == '"' || c == '\\')
      out.append({'\\', text[i]});
    else if (c == '\n')
      out += "\\n";
    else
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  }
  out.append(text, first);
  out += '"';
}

bool is_bare(const arrow::DataType& type) { return columnar::is_number(type) || type.id() == arrow::Type::BOOL; }

bool is_finite(const arrow::Array& array, int64_t row) {
  if (array.type_id() == arrow::Type::DOUBLE)
    return std::isfinite(static_cast<const arrow::DoubleArray&>(array).Value(row));
  if (array.type_id() == arrow::Type::FLOAT)
    return std::isfinite(static_cast<const arrow::FloatArray&>(array).Value(row));
  return true;
}

class JsonWriter final : public Writer {
 public:
  JsonWriter(std::shared_ptr<arrow::io::OutputStream> stream, WriteOptions options)
      : stream_(std::move(stream)), options_(options), as_array_(options.layout == Layout::array) {
    if (as_array_) out_ = "[";
  }

  Result<void> write(const arrow::RecordBatch& batch) override {
    MS_TRY(check_utf8(batch));
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (as_array_) out_ += rows_ == 0 ? "\n" : ",\n";
      if (auto written = write_row(batch, row); !written)
        return std::move(written).error().during(fmt::format("writing row {}", rows_ + 1));
      if (!as_array_) out_ += '\n';
      ++rows_;
      if (out_.size() >= kFlushBytes) MS_TRY(flush());
    }
    return {};
  }

  Result<void> finish() override {
    if (as_array_) out_ += rows_ == 0 ? "]\n" : "\n]\n";
    return flush();
  }

 private:
  Result<void> flush() {
    MS_TRY(columnar::from_arrow(stream_->Write(out_.data(), static_cast<int64_t>(out_.size())), "writing JSON"));
    out_.clear();
    return {};
  }

  Result<void> write_row(const arrow::RecordBatch& batch, int64_t row) {
    out_ += '{';
    for (int i = 0; i < batch.num_columns(); ++i) {
      if (i > 0) out_ += ',';
      write_quoted(batch.column_name(i), out_);
      out_ += ':';
      MS_TRY_DURING(write_value(*batch.column(i), row), "writing column '" + batch.column_name(i) + "'");
    }
    out_ += '}';
    return {};
  }

  Result<void> write_value(const arrow::Array& array, int64_t row) {
    if (array.IsNull(row)) {
      out_ += "null";
      return {};
    }
    switch (array.type_id()) {
      case arrow::Type::STRUCT: return write_struct(static_cast<const arrow::StructArray&>(array), row);
      case arrow::Type::LIST: return write_list(static_cast<const arrow::ListArray&>(array), row);
      case arrow::Type::LARGE_LIST: return write_list(static_cast<const arrow::LargeListArray&>(array), row);
      default: return write_scalar(array, row);
    }
  }

  Result<void> write_scalar(const arrow::Array& array, int64_t row) {
    if (!is_finite(array, row)) {
      if (options_.not_finite == NotFinite::error)
        return Error(ErrorCode::invalid_data, "JSON has no NaN and no infinity")
            .hint("set not_finite: null to write null instead");
      out_ += "null";
      return {};
    }
    if (is_bare(*array.type())) return write_text(array, row, out_);
    text_.clear();
    MS_TRY(write_text(array, row, text_));
    write_quoted(text_, out_);
    return {};
  }

  Result<void> write_struct(const arrow::StructArray& array, int64_t row) {
    out_ += '{';
    for (int i = 0; i < array.num_fields(); ++i) {
      if (i > 0) out_ += ',';
      write_quoted(array.type()->field(i)->name(), out_);
      out_ += ':';
      MS_TRY(write_value(*array.field(i), row));
    }
    out_ += '}';
    return {};
  }

  template <class ListArray>
  Result<void> write_list(const ListArray& array, int64_t row) {
    out_ += '[';
    const auto first = array.value_offset(row);
    for (auto i = first; i < first + array.value_length(row); ++i) {
      if (i > first) out_ += ',';
      MS_TRY(write_value(*array.values(), i));
    }
    out_ += ']';
    return {};
  }

  std::shared_ptr<arrow::io::OutputStream> stream_;
  WriteOptions options_;
  bool as_array_;
  std::string out_;
  std::string text_;
  int64_t rows_ = 0;
};

}  // namespace

Result<void> check_write_options(const config::Node& node) {
  MS_ASSIGN(const auto options, write_fields().read(node));
  if (options.layout != Layout::document) return {};
  return Error(ErrorCode::unsupported, "a document of one object cannot be written")
      .at(node.find("layout")->position())
      .hint("use layout lines or array");
}

Result<std::unique_ptr<Writer>> open_writer(Context&, WriteRequest request) {
  MS_TRY(check_write_options(request.options));
  MS_ASSIGN(const auto options, write_fields().read(request.options));
  for (const auto& field : request.schema->fields())
    MS_TRY_DURING(check_type(*field->type()), "writing column '" + field->name() + "' as JSON");
  return std::unique_ptr<Writer>(std::make_unique<JsonWriter>(std::move(request.stream), options));
}

}  // namespace mainstem::format::json
