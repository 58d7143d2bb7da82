#include "format/xml/writer.h"

#include <arrow/array.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <libxml/tree.h>
#include <libxml/xmlstring.h>
#include <utility>

#include "columnar/status.h"
#include "format/value_append.h"
#include "format/value_text.h"
#include "format/xml/options.h"
#include "format/xml/record.h"

namespace mainstem::format::xml {
namespace {

constexpr size_t kFlushBytes = size_t{256} << 10;

// Names without a namespace prefix, which would have to be declared.
bool is_name(const std::string& name) {
  return name.find('\0') == std::string::npos &&
         xmlValidateNCName(reinterpret_cast<const xmlChar*>(name.c_str()), 0) == 0;
}

Result<void> check_names(const arrow::DataType& type) {
  for (const auto& field : type.fields()) {
    if (type.id() == arrow::Type::STRUCT && !is_name(field->name()))
      return Error(ErrorCode::invalid_data, "the name '" + field->name() + "' cannot be that of an XML element")
          .hint("rename the column: a name begins with a letter or '_' and goes on with these, digits, '-' and '.'");
    MS_TRY(check_names(*field->type()));
  }
  return {};
}

bool is_list(const arrow::DataType& type) {
  return type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST;
}

// A list directly inside of a list has no names for its items.
bool has_list_of_lists(const arrow::DataType& type) {
  for (const auto& field : type.fields())
    if ((is_list(type) && is_list(*field->type())) || has_list_of_lists(*field->type())) return true;
  return false;
}

// Position of the first character that XML 1.0 (section 2.2) leaves out, in text that is UTF-8.
size_t find_invalid(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return i;
    if (c == 0xEF && text.substr(i, 2) == "\xEF\xBF" && i + 2 < text.size() &&
        static_cast<unsigned char>(text[i + 2]) >= 0xBE)
      return i;
  }
  return std::string_view::npos;
}

class XmlWriter final : public Writer {
 public:
  XmlWriter(std::shared_ptr<arrow::io::OutputStream> stream, WriteOptions options)
      : stream_(std::move(stream)), options_(std::move(options)) {
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + options_.root + ">\n";
  }

  Result<void> write(const arrow::RecordBatch& batch) override {
    MS_TRY(check_utf8(batch));
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (auto written = write_row(batch, row); !written)
        return std::move(written).error().during(fmt::format("writing row {}", rows_ + 1));
      ++rows_;
      if (out_.size() >= kFlushBytes) MS_TRY(flush());
    }
    return {};
  }

  Result<void> finish() override {
    out_ += "</" + options_.root + ">\n";
    return flush();
  }

 private:
  Result<void> flush() {
    MS_TRY(columnar::from_arrow(stream_->Write(out_.data(), static_cast<int64_t>(out_.size())), "writing XML"));
    out_.clear();
    return {};
  }

  Result<void> write_row(const arrow::RecordBatch& batch, int64_t row) {
    out_ += "  <" + options_.row + '>';
    for (int i = 0; i < batch.num_columns(); ++i)
      MS_TRY_DURING(write_member(batch.column_name(i), *batch.column(i), row),
                    "writing column '" + batch.column_name(i) + "'");
    out_ += "</" + options_.row + ">\n";
    return {};
  }

  Result<void> write_member(const std::string& name, const arrow::Array& array, int64_t row) {
    if (array.IsNull(row)) return {};
    if (array.type_id() == arrow::Type::LIST) return write_list(name, static_cast<const arrow::ListArray&>(array), row);
    if (array.type_id() == arrow::Type::LARGE_LIST)
      return write_list(name, static_cast<const arrow::LargeListArray&>(array), row);
    return write_element(name, array, row);
  }

  Result<void> write_element(const std::string& name, const arrow::Array& array, int64_t row) {
    out_ += '<' + name + '>';
    if (array.type_id() == arrow::Type::STRUCT) {
      const auto& members = static_cast<const arrow::StructArray&>(array);
      for (int i = 0; i < members.num_fields(); ++i)
        MS_TRY(write_member(array.type()->field(i)->name(), *members.field(i), row));
    } else {
      text_.clear();
      MS_TRY(write_text(array, row, text_));
      if (const auto bad = find_invalid(text_); bad != std::string::npos)
        return Error(ErrorCode::invalid_data,
                     fmt::format("the character at byte {} of the text cannot stand in XML", bad + 1))
            .hint("remove control characters in a transformation, or write another format");
      write_escaped(text_, false, out_);
    }
    out_ += "</" + name + '>';
    return {};
  }

  template <class ListArray>
  Result<void> write_list(const std::string& name, const ListArray& array, int64_t row) {
    if (array.value_length(row) == 0)
      return Error(ErrorCode::invalid_data, "an empty list has no XML form that a missing one does not have")
          .hint("make it null in a model, for example with CASE WHEN len(items) > 0 THEN items END");
    const auto first = array.value_offset(row);
    for (auto i = first; i < first + array.value_length(row); ++i) {
      if (array.values()->IsNull(i))
        return Error(ErrorCode::invalid_data, "a null in a list has no XML form").hint("filter nulls out of the list");
      MS_TRY(write_element(name, *array.values(), i));
    }
    return {};
  }

  std::shared_ptr<arrow::io::OutputStream> stream_;
  WriteOptions options_;
  std::string out_;
  std::string text_;
  int64_t rows_ = 0;
};

}  // namespace

Result<void> check_write_options(const config::Node& node) {
  MS_ASSIGN(const auto options, write_fields().read(node));
  for (const auto& [key, name] : {std::pair("root", options.root), std::pair("row", options.row)})
    if (!is_name(name))
      return Error(ErrorCode::invalid_config, fmt::format("option '{}' is no name of an XML element: '{}'", key, name))
          .at(node.find(key)->position())
          .hint("a name begins with a letter or '_' and goes on with these, digits, '-' and '.'");
  return {};
}

Result<std::unique_ptr<Writer>> open_writer(Context&, WriteRequest request) {
  MS_TRY(check_write_options(request.options));
  MS_ASSIGN(auto options, write_fields().read(request.options));
  for (const auto& field : request.schema->fields()) {
    const auto activity = "writing column '" + field->name() + "' as XML";
    MS_TRY_DURING(check_type(*field->type()), activity);
    MS_TRY_DURING(check_names(*arrow::struct_({field})), activity);
    if (has_list_of_lists(*field->type()))
      return Error(ErrorCode::unsupported, "a list of lists has no XML form").during(activity);
  }
  return std::unique_ptr<Writer>(std::make_unique<XmlWriter>(std::move(request.stream), std::move(options)));
}

}  // namespace mainstem::format::xml
