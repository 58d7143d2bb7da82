#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace mainstem {

/// `text` as a JSON string with its quotes (RFC 8259). Bytes that are not UTF-8 become U+FFFD, so that the document is
/// always valid.
std::string json_quote(std::string_view text);

/// Writes one JSON document from front to back. Wrong nesting (a value without key in an object, an end without begin)
/// is a bug and stops the process. One thread.
///
///   JsonWriter json;
///   json.begin_object().member("rows", 12).key("columns").begin_array().value("id").end_array().end_object();
///   std::cout << json.take();
class JsonWriter {
 public:
  /// `indent` spaces a level; 0 = everything on one line, as event streams need it.
  explicit JsonWriter(int indent = 0) : indent_(indent) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& null() { return write("null"); }

  /// Text, bool, integers, doubles (not finite = null) and optionals of them (empty = null).
  JsonWriter& value(std::string_view text) { return write(json_quote(text)); }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  template <std::integral T>
  JsonWriter& value(T number) {
    if constexpr (std::is_same_v<T, bool>)
      return write(number ? "true" : "false");
    else
      return write(std::to_string(number));
  }
  template <class T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  template <class T>
  JsonWriter& value(const std::vector<T>& items) {
    begin_array();
    for (const auto& item : items) value(item);
    return end_array();
  }
  /// A finished JSON document as it stands; the caller vouches for it.
  JsonWriter& raw(std::string_view json) { return write(json); }

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    key(name);
    return value(content);
  }

  /// The whole document, once every object and array is closed. The writer is then empty again.
  std::string take();

 private:
  struct Level {
    char closing;
    bool empty = true;
  };

  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& write(std::string_view token);
  void begin_item();
  void new_line();

  int indent_;
  bool after_key_ = false;
  std::string text_;
  std::vector<Level> levels_;
};

}  // namespace mainstem
