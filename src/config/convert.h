#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/units.h"
#include "config/node.h"

namespace mainstem::config {

/// How a C++ type is written in configuration: its name for docs, reading it from a Node, and its written form.
/// Specialise it for further types. `read` errors are invalid_config with the node's position.
template <class T>
struct Conversion;

Error wrong_type(const Node& node, std::string_view expected);
/// A parser's own error with the node's place; for sensitive text, which it may hold, wrong_type instead.
Error not_readable(const Node& node, Error error, std::string_view expected);
Result<std::string> read_text(const Node& node);
Result<bool> read_boolean(const Node& node);
Result<int64_t> read_integer(const Node& node);
Result<double> read_number(const Node& node);
std::string write_number(double value);

template <>
struct Conversion<std::string> {
  static std::string type() { return "text"; }
  static Result<std::string> read(const Node& node) { return read_text(node); }
  static std::string write(const std::string& value) { return value; }
};

template <>
struct Conversion<Secret> {
  static std::string type() { return "secret"; }
  static Result<Secret> read(const Node& node) {
    MS_ASSIGN(auto text, read_text(node));
    return Secret(std::move(text));
  }
  static std::string write(const Secret&) { return ""; }
};

template <>
struct Conversion<bool> {
  static std::string type() { return "boolean"; }
  static Result<bool> read(const Node& node) { return read_boolean(node); }
  static std::string write(bool value) { return value ? "true" : "false"; }
};

template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
struct Conversion<T> {
  static std::string type() { return "integer"; }
  static Result<T> read(const Node& node) {
    MS_ASSIGN(const int64_t value, read_integer(node));
    if (!std::in_range<T>(value)) return wrong_type(node, "a smaller number");
    return static_cast<T>(value);
  }
  static std::string write(T value) { return std::to_string(value); }
};

template <>
struct Conversion<double> {
  static std::string type() { return "number"; }
  static Result<double> read(const Node& node) { return read_number(node); }
  static std::string write(double value) { return write_number(value); }
};

template <>
struct Conversion<ByteCount> {
  static std::string type() { return "size"; }
  static Result<ByteCount> read(const Node& node) {
    MS_ASSIGN(auto text, read_text(node));
    auto value = parse_byte_count(text);
    if (!value) return not_readable(node, std::move(value).error(), "a size such as 512MiB");
    return value;
  }
  static std::string write(ByteCount value) { return to_string(value); }
};

template <>
struct Conversion<std::chrono::milliseconds> {
  static std::string type() { return "duration"; }
  static Result<std::chrono::milliseconds> read(const Node& node) {
    MS_ASSIGN(auto text, read_text(node));
    auto value = parse_duration(text);
    if (!value) return not_readable(node, std::move(value).error(), "a duration such as 1h30m");
    return value;
  }
  static std::string write(std::chrono::milliseconds value) { return to_string(value); }
};

/// Takes any value as it stands, to be read later by whom it concerns.
template <>
struct Conversion<Node> {
  static std::string type() { return "any"; }
  static Result<Node> read(const Node& node) { return node; }
  static std::string write(const Node&) { return ""; }
};

template <class T>
struct Conversion<std::optional<T>> {
  static std::string type() { return Conversion<T>::type(); }
  static Result<std::optional<T>> read(const Node& node) {
    MS_ASSIGN(auto value, Conversion<T>::read(node));
    return std::optional<T>(std::move(value));
  }
  static std::string write(const std::optional<T>& value) { return value ? Conversion<T>::write(*value) : ""; }
};

/// A list; one value alone stands for a list of one ("key: id").
template <class T>
struct Conversion<std::vector<T>> {
  static std::string type() { return "list of " + Conversion<T>::type(); }
  static Result<std::vector<T>> read(const Node& node) {
    std::vector<T> values;
    if (node.is_null()) return values;
    if (!node.is_list()) {
      MS_ASSIGN(auto value, Conversion<T>::read(node));
      values.push_back(std::move(value));
      return values;
    }
    for (const auto& item : node.items()) {
      MS_ASSIGN(auto value, Conversion<T>::read(item));
      values.push_back(std::move(value));
    }
    return values;
  }
  static std::string write(const std::vector<T>& values) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ", ") + Conversion<T>::write(value);
    return text.empty() ? "" : "[" + text + "]";
  }
};

/// A map with free keys, in the order written.
template <class T>
struct Conversion<std::vector<std::pair<std::string, T>>> {
  static std::string type() { return "map of " + Conversion<T>::type(); }
  static Result<std::vector<std::pair<std::string, T>>> read(const Node& node) {
    std::vector<std::pair<std::string, T>> values;
    if (node.is_null()) return values;
    if (!node.is_map()) return wrong_type(node, "a map");
    for (const auto& [key, item] : node.entries()) {
      MS_ASSIGN(auto value, Conversion<T>::read(item));
      values.emplace_back(key, std::move(value));
    }
    return values;
  }
  static std::string write(const std::vector<std::pair<std::string, T>>&) { return ""; }
};

/// Names of an enumeration's values. Specialise: `static constexpr std::array<std::pair<std::string_view, E>, N>
/// names`.
template <class E>
struct EnumNames;

template <class E>
std::vector<std::string> choices_of() {
  std::vector<std::string> result;
  for (const auto& [name, value] : EnumNames<E>::names) result.emplace_back(name);
  return result;
}

Error unknown_choice(const Node& node, const std::vector<std::string>& choices);

template <class E>
  requires std::is_enum_v<E>
struct Conversion<E> {
  static std::string type() { return "text"; }
  static Result<E> read(const Node& node) {
    MS_ASSIGN(auto text, read_text(node));
    for (const auto& [name, value] : EnumNames<E>::names)
      if (name == text) return value;
    return unknown_choice(node, choices_of<E>());
  }
  static std::string write(E wanted) {
    for (const auto& [name, value] : EnumNames<E>::names)
      if (value == wanted) return std::string(name);
    return "";
  }
};

}  // namespace mainstem::config
