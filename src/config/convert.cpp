#include "config/convert.h"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "config/option.h"

namespace mainstem::config {
namespace {

// What stands there, for a message; never the text of a secret.
std::string shown(const Node& node) {
  if (!node.is_scalar()) return std::string(node.kind_name());
  if (node.sensitive()) return "the value of a reference";
  constexpr size_t kLongest = 60;
  const auto& text = node.text();
  return "'" + (text.size() > kLongest ? text.substr(0, kLongest) + "..." : text) + "'";
}

}  // namespace

Error wrong_type(const Node& node, std::string_view expected) {
  return Error(ErrorCode::invalid_config, fmt::format("expected {}, found {}", expected, shown(node)))
      .at(node.position());
}

Error not_readable(const Node& node, Error error, std::string_view expected) {
  if (node.sensitive()) return wrong_type(node, expected);
  return std::move(error).at(node.position());
}

Result<std::string> read_text(const Node& node) {
  if (!node.is_scalar()) return wrong_type(node, "text");
  return node.text();
}

Result<bool> read_boolean(const Node& node) {
  if (node.is_scalar() && !node.quoted()) {
    if (node.text() == "true") return true;
    if (node.text() == "false") return false;
  }
  return wrong_type(node, "true or false");
}

Result<int64_t> read_integer(const Node& node) {
  int64_t value = 0;
  const auto& text = node.text();
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!node.is_scalar() || text.empty() || ec != std::errc() || end != text.data() + text.size())
    return wrong_type(node, "a whole number");
  return value;
}

Result<double> read_number(const Node& node) {
  double value = 0;
  const auto& text = node.text();
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!node.is_scalar() || text.empty() || ec != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(value))
    return wrong_type(node, "a number");
  return value;
}

std::string write_number(double value) { return fmt::format("{}", value); }

Error unknown_choice(const Node& node, const std::vector<std::string>& choices) {
  auto guess = nearest(node.text(), choices);
  return wrong_type(node, fmt::format("one of {}", fmt::join(choices, ", ")))
      .hint(guess ? "did you mean '" + *guess + "'?" : "");
}

}  // namespace mainstem::config
