#pragma once

#include <string>
#include <utility>

namespace mainstem {

/// A value that must not be seen. Has no text form: it cannot be formatted, compared in tests' output or logged by
/// accident. `reveal` is called only where the value leaves for the system it belongs to.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  /// The clear text. Do not keep, log or put into an error.
  const std::string& reveal() const { return value_; }

 private:
  std::string value_;
};

}  // namespace mainstem
