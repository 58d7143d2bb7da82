#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connector/spec.h"

namespace mainstem::app {

/// Takes a URL or a plain path apart (RFC 3986, percent-decoded). What has no "scheme://" is a path; "file://" too.
/// Errors: invalid_config for a broken percent sign, port or scheme; the text is never repeated, as it may hold a
/// password.
Result<connector::Url> parse_url(std::string_view text);

/// An address as the user wrote it, and whose it is.
struct ResolvedAddress {
  const connector::ConnectorSpec* spec = nullptr;
  connector::Address address;
  std::string shown;                 ///< without the password
  bool password_in_address = false;  ///< worth a warning: command lines can be read by others
};

/// Finds the connector of an address, by its scheme or by the ending of a plain path, among `connectors` (which outlive
/// the result) and reads its options. Errors: invalid_config for an unknown scheme, with "did you mean"; what the
/// connector says.
Result<ResolvedAddress> resolve_address(std::string_view text, const std::vector<connector::ConnectorSpec>& connectors);

}  // namespace mainstem::app
