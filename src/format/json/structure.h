#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "format/json/byte_window.h"

namespace mainstem::format::json {

/// Finds its way through JSON text by quotes and brackets alone, counting lines. One thread.
class Structure {
 public:
  /// `max_bytes` bounds a value that is kept whole in the window.
  Structure(ByteWindow window, std::string object, int64_t max_bytes)
      : window_(std::move(window)), object_(std::move(object)), max_bytes_(max_bytes) {}

  /// The next byte that is not blank, which stays; 0 at the end. Errors: invalid_data, for a NUL byte.
  Result<char> peek();
  /// Eats `expected` if it comes next (blanks before it aside).
  Result<bool> take(char expected);

  struct Value {
    std::string_view text;   ///< in the window, without blanks at its end; valid until the next call
    bool too_large = false;  ///< `text` is only its beginning
    int64_t line = 0;
    int64_t offset = 0;
  };
  /// What stands before the next comma or closing bracket outside of strings and brackets, whatever it is; eats it.
  /// With `single`, a value also ends behind its closing bracket. Errors: invalid_data if that end cannot be told.
  Result<Value> take_value(bool single);
  /// The same for a value that nobody looks at, of any size.
  Result<void> skip_value();
  /// Text between the quotes of the string that comes next; escapes stay as they are.
  Result<std::string> take_string();

  int64_t line() const { return line_; }
  int64_t offset() const { return window_.offset() + static_cast<int64_t>(pending_); }
  Error damaged(std::string what, int64_t line) const;

 private:
  struct Scan;

  void eat(size_t bytes);
  Result<void> scan_value(Scan& scan, bool keep);

  ByteWindow window_;
  std::string object_;
  int64_t max_bytes_;
  int64_t line_ = 1;
  size_t pending_ = 0;     // bytes of the value given out last
  std::string beginning_;  // of a value that is too large
};

}  // namespace mainstem::format::json
