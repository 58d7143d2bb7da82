#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/node.h"

namespace mainstem::config {

/// A YAML text and the places in it: yaml-cpp counts lines from 0 and columns in bytes from 0, readers count both from
/// 1 and columns in characters. The text must outlive this.
class YamlText {
 public:
  YamlText(std::string_view text, std::string file);

  std::string_view text() const { return text_; }
  FilePosition place(int line, int byte_column) const;

  /// Errors: invalid_config at the first byte that is neither UTF-8 nor allowed in YAML.
  Result<void> check_characters() const;
  /// True if a scalar that starts at the mark opens a quote which nothing closes (yaml-cpp takes it up to the end).
  bool has_open_quote(int line, int byte_column) const;
  /// Where the characters of the value of the scalar at the mark stand.
  TextPlace text_place(int line, int byte_column, std::string_view value) const;
  /// Column in bytes of a tab that indents the line, or -1.
  int indenting_tab(int line) const;

 private:
  std::string_view line(int number) const;
  size_t offset(int line, int byte_column) const;
  /// Offset of the scalar itself behind its anchor and tag.
  size_t skip_properties(size_t offset) const;
  TextPlace block_place(int line, size_t indicator, std::string_view value) const;

  std::string_view text_;
  std::string file_;
  std::vector<size_t> line_starts_;
};

}  // namespace mainstem::config
