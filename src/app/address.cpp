#include "app/address.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <optional>

namespace mainstem::app {
namespace {

Error bad_url(std::string what, std::string hint) {
  return Error(ErrorCode::invalid_config, std::move(what)).hint(std::move(hint));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<std::string> percent_decoded(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return bad_url("a '%' in an address is not followed by two hexadecimal digits", "write %25");
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

// "user:password@host:port" into its parts.
Result<void> read_authority(std::string_view authority, connector::Url& url) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    const auto who = authority.substr(0, at);
    const auto colon = who.find(':');
    MS_ASSIGN(url.user, percent_decoded(who.substr(0, colon)));
    if (colon != std::string_view::npos) {
      MS_ASSIGN(url.password, percent_decoded(who.substr(colon + 1)));
    }
    authority.remove_prefix(at + 1);
  }
  auto port = std::string_view::npos;
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) return bad_url("an IPv6 address in '[' is not closed", "write [::1]:5432");
    url.host = authority.substr(1, bracket - 1);
    authority.remove_prefix(bracket + 1);
    port = authority.starts_with(':') ? 0 : std::string_view::npos;
  } else {
    port = authority.rfind(':');
    MS_ASSIGN(url.host, percent_decoded(authority.substr(0, port)));
  }
  if (port == std::string_view::npos) return {};
  url.port = authority.substr(port + 1);
  if (url.port.empty() || !std::ranges::all_of(url.port, [](unsigned char c) { return std::isdigit(c); }))
    return bad_url("the port of an address is not a number", "write host:5432; a ':' in a password is %3A, an '@' %40");
  return {};
}

Result<void> read_query(std::string_view query, connector::Url& url) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    MS_ASSIGN(auto key, percent_decoded(pair.substr(0, equals)));
    MS_ASSIGN(auto value, percent_decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1)));
    url.query.emplace_back(std::move(key), std::move(value));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

std::string shown_without_password(std::string_view text, const connector::Url& url) {
  if (url.password.empty()) return std::string(text);
  const auto start = text.find("://") + 3;
  const auto at = text.substr(0, text.find_first_of("/?#", start)).rfind('@');
  return fmt::format("{}{}{}", text.substr(0, start), url.user, text.substr(at));
}

const connector::ConnectorSpec* find_scheme(const std::string& scheme,
                                            const std::vector<connector::ConnectorSpec>& connectors) {
  for (const auto& spec : connectors)
    if (std::ranges::find(spec.schemes, scheme) != spec.schemes.end()) return &spec;
  return nullptr;
}

// "shop.db" and "shop.db#orders" as sqlite:///shop.db#orders, if a connector claims the ending; else nothing. Names of
// files may hold a '#', too.
std::optional<connector::Url> database_file(std::string_view text,
                                            const std::vector<connector::ConnectorSpec>& connectors) {
  for (const auto& spec : connectors) {
    for (const auto& extension : spec.file_extensions) {
      const auto ending = "." + extension;
      const auto end = text.ends_with(ending) ? text.size() : text.find(ending + "#") + ending.size();
      if (end > text.size() || end < ending.size() || text.substr(end - ending.size(), ending.size()) != ending)
        continue;
      connector::Url url;
      url.scheme = spec.schemes.front();
      url.path = "/" + std::string(text.substr(0, end));
      if (end < text.size()) url.fragment = text.substr(end + 1);
      return url;
    }
  }
  return std::nullopt;
}

Error unknown_scheme(const std::string& scheme, const std::vector<connector::ConnectorSpec>& connectors) {
  std::vector<std::string> known;
  for (const auto& spec : connectors)
    for (const auto& name : spec.schemes)
      if (!name.empty()) known.push_back(name);
  auto error = Error(ErrorCode::invalid_config, fmt::format("unknown kind of address '{}://'", scheme));
  if (const auto guess = config::nearest(scheme, known))
    return std::move(error).hint(fmt::format("did you mean '{}://'?", *guess));
  return std::move(error).hint(fmt::format("known: {}; a path stands for a file", fmt::join(known, ", ")));
}

}  // namespace

Result<connector::Url> parse_url(std::string_view text) {
  connector::Url url;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) {
    url.path = text;
    return url;
  }
  url.scheme = text.substr(0, colon);
  std::ranges::transform(url.scheme, url.scheme.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool word = !url.scheme.empty() && std::ranges::all_of(url.scheme, [](unsigned char c) {
    return std::isalnum(c) || c == '+' || c == '-' || c == '.';
  });
  if (!word)
    return bad_url("what stands before '://' is not the name of a scheme", "write postgres://host/database#table");
  auto rest = text.substr(colon + 3);
  if (const auto hash = rest.find('#'); hash != std::string_view::npos) {
    MS_ASSIGN(url.fragment, percent_decoded(rest.substr(hash + 1)));
    rest = rest.substr(0, hash);
  }
  if (const auto question = rest.find('?'); question != std::string_view::npos) {
    MS_TRY(read_query(rest.substr(question + 1), url));
    rest = rest.substr(0, question);
  }
  const auto slash = std::min(rest.find('/'), rest.size());
  MS_TRY(read_authority(rest.substr(0, slash), url));
  MS_ASSIGN(url.path, percent_decoded(rest.substr(slash)));
  return url;
}

Result<ResolvedAddress> resolve_address(std::string_view text,
                                        const std::vector<connector::ConnectorSpec>& connectors) {
  if (text.empty()) return bad_url("an address is empty", "name a file or a URL");
  MS_ASSIGN(auto url, parse_url(text));
  if (url.scheme.empty())
    if (auto database = database_file(text, connectors)) url = *std::move(database);
  const auto* spec = find_scheme(url.scheme, connectors);
  if (spec == nullptr) return unknown_scheme(url.scheme, connectors);
  ResolvedAddress resolved{.spec = spec,
                           .address = {},
                           .shown = shown_without_password(text, url),
                           .password_in_address = !url.password.empty()};
  MS_ASSIGN_DURING(resolved.address, spec->read_url(url), "reading the address " + resolved.shown);
  return resolved;
}

}  // namespace mainstem::app
