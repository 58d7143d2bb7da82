#include "config/yaml_text.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/utf8.h"

namespace mainstem::config {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

int characters_in(std::string_view bytes) {
  // Every byte but those that continue a sequence begins a character.
  return static_cast<int>(std::ranges::count_if(bytes, [](char c) { return (c & 0xc0) != 0x80; }));
}

// First line of `text` with something in it, counted from 0, or -1.
int first_filled_line(std::string_view text) {
  const size_t start = text.find_first_not_of(kBlank);
  if (start == std::string_view::npos) return -1;
  return static_cast<int>(std::ranges::count(text.substr(0, start), '\n'));
}

size_t leading_spaces(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

}  // namespace

YamlText::YamlText(std::string_view text, std::string file) : text_(text), file_(std::move(file)), line_starts_{0} {
  for (size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
}

std::string_view YamlText::line(int number) const {
  if (number < 0 || static_cast<size_t>(number) >= line_starts_.size()) return {};
  const auto start = line_starts_[static_cast<size_t>(number)];
  return text_.substr(start, text_.find('\n', start) - start);
}

size_t YamlText::offset(int line, int byte_column) const {
  if (line < 0 || byte_column < 0 || static_cast<size_t>(line) >= line_starts_.size()) return text_.size();
  return std::min(line_starts_[static_cast<size_t>(line)] + static_cast<size_t>(byte_column), text_.size());
}

FilePosition YamlText::place(int line_number, int byte_column) const {
  if (line_number < 0) return {.file = file_};
  const auto before = line(line_number).substr(0, static_cast<size_t>(std::max(byte_column, 0)));
  return {file_, line_number + 1, characters_in(before) + 1};
}

Result<void> YamlText::check_characters() const {
  int line_number = 0;
  for (size_t i = 0; i < text_.size();) {
    const auto c = static_cast<unsigned char>(text_[i]);
    const size_t length = utf8_length(text_.substr(i));
    const bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
    if (length == 0 || control) {
      const auto column = static_cast<int>(i - line_starts_[static_cast<size_t>(line_number)]);
      const auto what = control ? "control characters may not stand here" : "the text is not UTF-8";
      return Error(ErrorCode::invalid_config, fmt::format("{}: byte 0x{:02x}", what, c))
          .at(place(line_number, column))
          .hint("save the file as UTF-8; in double quotes any character can be written as \\xNN");
    }
    if (c == '\n') ++line_number;
    i += length;
  }
  return {};
}

size_t YamlText::skip_properties(size_t at) const {
  while (at < text_.size() && (text_[at] == '&' || text_[at] == '!')) {
    at = text_.find_first_of(kBlank, at);
    if (at == std::string_view::npos) return text_.size();
    at = std::min(text_.find_first_not_of(kBlank, at), text_.size());
  }
  return at;
}

bool YamlText::has_open_quote(int line_number, int byte_column) const {
  const size_t start = skip_properties(offset(line_number, byte_column));
  if (start >= text_.size()) return false;
  const char quote = text_[start];
  if (quote != '"' && quote != '\'') return false;
  for (size_t i = start + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < text_.size() && text_[i + 1] == quote;
      if (!doubled) return false;
      ++i;
    }
  }
  return true;
}

TextPlace YamlText::text_place(int line_number, int byte_column, std::string_view value) const {
  auto first = place(line_number, byte_column);
  const size_t mark = offset(line_number, byte_column);
  const size_t start = skip_properties(mark);
  if (start >= text_.size()) return {.first = first, .next_column = 0};
  const char style = text_[start];
  if (style == '|') return block_place(line_number, start, value);
  if (start != mark) return {.first = first, .next_column = 0};
  if (style == '>') return {.first = {file_, first.line + 1, 1}, .next_column = 0};
  if (style == '"' || style == '\'') ++first.column;
  return {.first = first, .next_column = 0};
}

TextPlace YamlText::block_place(int line_number, size_t indicator, std::string_view value) const {
  while (static_cast<size_t>(line_number) + 1 < line_starts_.size() &&
         line_starts_[static_cast<size_t>(line_number) + 1] <= indicator)
    ++line_number;
  const int first_line = line_number + 1;
  const int filled = first_filled_line(value);
  if (filled < 0) return {.first = {file_, first_line + 1, 1}, .next_column = 0};
  // The file's line has the block's indentation in front of the value's own.
  const auto line_start = value.rfind('\n', value.find_first_not_of(kBlank));
  const auto own = leading_spaces(value.substr(line_start == std::string_view::npos ? 0 : line_start + 1));
  const auto whole = leading_spaces(line(first_line + filled));
  const int column = whole >= own ? static_cast<int>(whole - own) + 1 : 1;
  return {.first = {file_, first_line + 1, column}, .next_column = column};
}

int YamlText::indenting_tab(int line_number) const {
  const auto text = line(line_number);
  const size_t tab = text.find('\t');
  return tab != std::string_view::npos && text.find_first_not_of(kBlank) > tab ? static_cast<int>(tab) : -1;
}

}  // namespace mainstem::config
