#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "format/csv/options.h"
#include "format/csv/record_scanner.h"

namespace mainstem::format::csv {

/// Which texts are null.
struct NullRules {
  std::vector<std::string> values;
  bool quoted = false;
  bool only_empty = false;  ///< the empty text, unquoted, and no other

  static NullRules of(const ReadOptions& options) {
    return {.values = options.null_values,
            .quoted = options.quoted_null,
            .only_empty = options.null_values == std::vector<std::string>{""} && !options.quoted_null};
  }
  bool matches(std::string_view text, bool in_quotes) const {
    if (only_empty) return text.empty() && !in_quotes;
    if (in_quotes && !quoted) return false;
    for (const auto& value : values)
      if (value == text) return true;
    return false;
  }
};

/// The fields of one column over the rows of an index. The views are valid until the next call.
class Cells {
 public:
  Cells(const uint8_t* text, const RecordIndex& index, size_t column, const Dialect& dialect, const NullRules& nulls)
      : text_(reinterpret_cast<const char*>(text)), index_(index), column_(column), dialect_(dialect), nulls_(nulls) {}

  size_t rows() const { return index_.rows; }

  /// The field as it stands between its delimiters.
  std::string_view raw(size_t row) const {
    const uint32_t* ends = index_.ends.data() + row * index_.columns + column_;
    const uint32_t begin = column_ == 0 ? index_.begins[row] : ends[-1] + 1;
    return {text_ + begin, *ends - begin};
  }

  /// The value of a field; false if it is null.
  bool value(size_t row, std::string_view& value) {
    value = raw(row);
    if (dialect_.trim) trim(value);
    const bool quoted = value.size() >= 2 && static_cast<uint8_t>(value.front()) == dialect_.bytes.quote;
    if (quoted) unquote(value);
    return !nulls_.matches(value, quoted);
  }

 private:
  static void trim(std::string_view& value) {
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  }
  void unquote(std::string_view& value) {
    value = value.substr(1, value.size() - 2);
    const auto escape = static_cast<char>(dialect_.bytes.escape);
    if (std::memchr(value.data(), escape, value.size()) == nullptr) return;
    scratch_.clear();
    for (size_t i = 0; i < value.size(); ++i) {
      if (value[i] == escape && i + 1 < value.size()) ++i;
      scratch_ += value[i];
    }
    value = scratch_;
  }

  const char* text_;
  const RecordIndex& index_;
  size_t column_;
  const Dialect& dialect_;
  const NullRules& nulls_;
  std::string scratch_;
};

}  // namespace mainstem::format::csv
