#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "format/csv/options.h"

// Types are found by exclusion: a column begins with all types possible, and each value takes away those that cannot
// hold it without loss. What is left after the whole file is the type; text if nothing is. Leading zeros and '+' are
// text, since a number would lose them; so is "1e5" in a column without unmistakable doubles. A double holds a number
// only if its digits can be got back from it.

namespace mainstem::format::csv {

/// How values are written, from the options.
struct TypeRules {
  char decimal_separator = '.';
  char thousands_separator = '\0';        // none
  std::vector<std::string> true_values;   // lower case
  std::vector<std::string> false_values;  // lower case
  std::string date_format;
  std::string timestamp_format;

  static TypeRules of(const ReadOptions& options);
};

/// True if `text` is one of `values` (lower case) without regard to letter case.
bool is_one_of(std::string_view text, const std::vector<std::string>& values);

/// What the values of one column seen so far allow. A plain value; evidence of parts of a file is merged.
class ColumnEvidence {
 public:
  /// Takes in a value that is not null.
  void observe(std::string_view value, const TypeRules& rules);
  void merge(const ColumnEvidence& other);
  bool is_text() const { return possible_ == 0; }
  std::shared_ptr<arrow::DataType> type() const;

  bool any_value = false;

 private:
  uint16_t classify(std::string_view value, const TypeRules& rules);
  uint16_t classify_number(std::string_view value, char separator);
  uint16_t classify_real(std::string_view value, const TypeRules& rules);
  uint16_t classify_temporal(std::string_view value, const TypeRules& rules);

  uint16_t possible_ = 0xffff;
  bool any_number_ = false;
  bool any_real_ = false;            // a number with a point, or an exponent that is not bare
  bool any_bare_exponent_ = false;   // see has_bare_exponent
  bool beyond_nanoseconds_ = false;  // a timestamp outside of what 64 bits of nanoseconds hold
  uint16_t integer_digits_ = 1;
  uint16_t scale_ = 0;
  uint16_t fraction_digits_ = 0;
};

}  // namespace mainstem::format::csv
