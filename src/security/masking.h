#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/secret.h"
#include "config/convert.h"

namespace mainstem::security {

/// How a masked column looks after masking. All of them keep null as null, so that "is it there" can still be asked.
enum class MaskMethod {
  hash,     ///< HMAC-SHA-256 (RFC 2104) with a key, as 64 hexadecimal digits: equal values stay equal, joins still work
  redact,   ///< "***", whatever the value, so that not even its length is told
  partial,  ///< the last four characters after "***" if the text has at least eight, otherwise "***"
  null,     ///< nothing
};

/// Turns clear text into masked text. Immutable and thread-safe; holds the key.
class Masker {
 public:
  /// Errors: invalid_config if `hash` has no key or another method has one.
  static Result<Masker> make(MaskMethod method, Secret key);

  /// The masked form of a value that is not null; no value = null.
  std::optional<std::string> apply(std::string_view clear) const;
  MaskMethod method() const { return method_; }

 private:
  Masker(MaskMethod method, Secret key) : method_(method), key_(std::move(key)) {}

  MaskMethod method_;
  Secret key_;
};

}  // namespace mainstem::security

namespace mainstem::config {

template <>
struct EnumNames<security::MaskMethod> {
  static constexpr std::array<std::pair<std::string_view, security::MaskMethod>, 4> names{
      {{"hash", security::MaskMethod::hash},
       {"redact", security::MaskMethod::redact},
       {"partial", security::MaskMethod::partial},
       {"null", security::MaskMethod::null}}};
};

}  // namespace mainstem::config
