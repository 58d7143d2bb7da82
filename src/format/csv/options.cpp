#include "format/csv/options.h"

#include <fmt/format.h>
#include <string_view>

namespace mainstem::format::csv {
namespace {

using config::Fields;
using config::Node;

Error bad_option(const Node& node, const std::string& key, std::string message) {
  const Node* value = node.find(key);
  return Error(ErrorCode::invalid_config, "option '" + key + "' " + std::move(message))
      .at(value != nullptr ? value->position() : node.position());
}

// A byte that may stand between fields: nothing that numbers and dates consist of.
bool may_separate(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  const bool alphanumeric =
      (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z');
  return code != 0 && code < 0x7f && !alphanumeric && std::string_view("\n\r.-+").find(byte) == std::string_view::npos;
}

Result<void> settle_byte(const Node& node, const std::string& key, std::string& text) {
  if (text == "\\t" || text == "tab") text = "\t";
  if (text.empty()) return {};
  if (text.size() == 1 && may_separate(text[0])) return {};
  return bad_option(node, key, "is not one usable character: '" + text + "'")
      .hint("give one ASCII character that is no letter, digit, line break, '.', '+' or '-'; 'tab' is the tab");
}

Result<void> settle_delimiter(const Node& node, std::string& text) {
  if (text == "none") return {};
  return settle_byte(node, "delimiter", text);
}

Result<void> check_different(const Node& node, const ReadOptions& options) {
  const auto same = [](const std::string& a, const std::string& b) { return !a.empty() && a == b; };
  if (same(options.quote, options.delimiter)) return bad_option(node, "quote", "is the delimiter, too");
  if (same(options.escape, options.delimiter)) return bad_option(node, "escape", "is the delimiter, too");
  if (same(options.comment, options.delimiter)) return bad_option(node, "comment", "is the delimiter, too");
  if (same(options.comment, options.quote)) return bad_option(node, "comment", "is the quote, too");
  if (!options.escape.empty() && options.quote.empty())
    return bad_option(node, "escape", "has no meaning without a quote");
  if (options.trim && options.delimiter == " ")
    return bad_option(node, "trim", "cannot be used with blanks as delimiter");
  return {};
}

Result<void> check_thousands(const Node& node, const ReadOptions& options) {
  const auto& separator = options.thousands_separator;
  if (separator.empty()) return {};
  if (separator.size() != 1 || std::string_view(".,'_ ").find(separator) == std::string_view::npos)
    return bad_option(node, "thousands_separator", "is '.', ',', ' ', \"'\" or '_'");
  if (separator == options.decimal_separator)
    return bad_option(node, "thousands_separator", "is the decimal separator, too")
        .hint("of 1.234,56 the thousands_separator is '.', the decimal_separator ','");
  return {};
}

}  // namespace

const Fields<ReadOptions>& read_fields() {
  using O = ReadOptions;
  static const auto fields =
      Fields<O>()
          .optional("delimiter", &O::delimiter,
                    "Character between fields, 'tab', or 'none' for lines of one column. Default: found out from the "
                    "first lines.",
                    {.examples = {",", ";", "tab"}})
          .optional("quote", &O::quote, "Character around fields that hold delimiters or line breaks; empty = none.")
          .optional("escape", &O::escape,
                    "Character before a quote inside a quoted field. Default: the quote itself, doubled.")
          .optional("header", &O::header, "Whether the first record holds the names of the columns.")
          .optional("column_names", &O::column_names, "Names of the columns, in place of those in the header.")
          .optional("skip_lines", &O::skip_lines, "Lines to leave out at the beginning of each file.",
                    {.min = 0, .max = 1'000'000})
          .optional("skip_footer", &O::skip_footer,
                    "Lines to leave out at the end of each file, such as totals. Empty lines count.",
                    {.min = 0, .max = 1'000'000})
          .optional("comment", &O::comment, "Lines that begin with this character are left out.", {.examples = {"#"}})
          .optional("encoding", &O::encoding, "Character encoding. auto: a byte order mark decides, else UTF-8.")
          .optional("null_values", &O::null_values, "Fields with one of these texts, unquoted, are null.",
                    {.examples = {"['', NA]"}})
          .optional("quoted_null", &O::quoted_null, "Quoted fields with a text of null_values are null, too.")
          .optional("true_values", &O::true_values, "Texts that mean true; letter case is ignored.")
          .optional("false_values", &O::false_values, "Texts that mean false; letter case is ignored.")
          .optional("date_format", &O::date_format,
                    "Form of dates made of %Y %m %d and literal characters. Default: ISO 8601.",
                    {.examples = {"%d.%m.%Y"}})
          .optional("timestamp_format", &O::timestamp_format,
                    "Form of timestamps made of %Y %m %d %H %M %S (with fraction) %z and literal characters. Default: "
                    "ISO 8601.",
                    {.examples = {"%d.%m.%Y %H:%M:%S"}})
          .optional("decimal_separator", &O::decimal_separator, "Character before the decimals: '.' or ','.")
          .optional(
              "thousands_separator", &O::thousands_separator,
              "Character that may stand between groups of three digits before the decimals: '.', ',', ' ', \"'\" or "
              "'_'. Default: none.",
              {.examples = {"."}})
          .optional("trim", &O::trim, "Removes blanks around unquoted fields and around quotes.")
          .optional("max_field_size", &O::max_field_size,
                    "A larger field makes its record a reject; a record may be twice as large.",
                    {.examples = {"64MiB"}})
          .optional("max_columns", &O::max_columns, "Most columns that a file may have.", {.min = 1, .max = 1'000'000})
          .optional("sample_size", &O::sample_size, "How much of the first file is looked at to find the delimiter.")
          .optional("infer", &O::infer, "auto: types that hold every value of the whole file; text: all text.")
          .optional("binary", &O::binary, "Text form of columns that are declared binary.");
  return fields;
}

const Fields<WriteOptions>& write_fields() {
  using O = WriteOptions;
  static const auto fields =
      Fields<O>()
          .optional("delimiter", &O::delimiter,
                    "Character between fields, or 'tab', which is the default in files named .tsv.")
          .optional("quote", &O::quote, "Character around fields that need it.")
          .optional("quoting", &O::quoting, "minimal: fields that need quotes; all: every field that is not null.")
          .optional("header", &O::header, "Writes the names of the columns first.")
          .optional("null_value", &O::null_text, "Text of null; a value of the same text is quoted.")
          .optional("line_ending", &O::line_ending, "End of each record.")
          .optional("binary", &O::binary, "Text form of binary columns.")
          .optional("bom", &O::bom, "Begins with a byte order mark, which some spreadsheet programs need.");
  return fields;
}

Result<ReadOptions> parse_read_options(const Node& node) {
  MS_ASSIGN(auto options, read_fields().read(node));
  MS_TRY(settle_delimiter(node, options.delimiter));
  MS_TRY(settle_byte(node, "quote", options.quote));
  MS_TRY(settle_byte(node, "escape", options.escape));
  MS_TRY(settle_byte(node, "comment", options.comment));
  MS_TRY(check_different(node, options));
  if (options.decimal_separator != "." && options.decimal_separator != ",")
    return bad_option(node, "decimal_separator", "is '.' or ','");
  MS_TRY(check_thousands(node, options));
  const int64_t field_size = options.max_field_size.bytes;
  if (field_size < 1 || field_size > mebibytes(512).bytes)
    return bad_option(node, "max_field_size", "is at least 1B and at most 512MiB");
  if (options.sample_size.bytes < 1024 || options.sample_size.bytes > mebibytes(64).bytes)
    return bad_option(node, "sample_size", "is at least 1KiB and at most 64MiB");
  if (static_cast<int64_t>(options.column_names.size()) > options.max_columns)
    return bad_option(node, "column_names", "has more names than max_columns allows");
  return options;
}

Result<WriteOptions> parse_write_options(const Node& node) {
  MS_ASSIGN(auto options, write_fields().read(node));
  MS_TRY(settle_byte(node, "delimiter", options.delimiter));
  MS_TRY(settle_byte(node, "quote", options.quote));
  if (options.delimiter.empty()) return bad_option(node, "delimiter", "is empty");
  if (options.quote.empty()) return bad_option(node, "quote", "is empty");
  if (options.quote == options.delimiter) return bad_option(node, "quote", "is the delimiter, too");
  if (options.null_text.find_first_of("\r\n" + options.delimiter + options.quote) != std::string::npos)
    return bad_option(node, "null_value", "must not hold delimiters, quotes or line breaks");
  return options;
}

std::string name_of(Encoding encoding) { return config::Conversion<Encoding>::write(encoding); }

std::string show_byte(uint8_t byte) {
  if (byte == '\t') return "tab";
  if (byte == 0xff) return "none";
  if (byte < 0x20 || byte > 0x7e) return fmt::format("'\\x{:02x}'", byte);
  return fmt::format("'{}'", static_cast<char>(byte));
}

}  // namespace mainstem::format::csv
