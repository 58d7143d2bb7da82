#pragma once

#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

#include "format/json/complaint.h"
#include "format/json/cursor.h"
#include "format/number_text.h"

namespace mainstem::format::json {

enum class Token { null, boolean, string };

/// Walks the text of one JSON value and gives what it finds to a sink. Each value goes to its node of the sink; a null
/// node takes a value that is only checked. Every function that gets a node gives it exactly one value, also when it
/// fails; then `complaint` says why. The text outlives the walk. One thread.
template <class Sink>
class Walk {
 public:
  using Node = typename Sink::Node;
  using Found = typename Sink::Found;

  Walk(Sink& sink, std::string_view text, int max_depth) : sink_(sink), cursor_(text), max_depth_(max_depth) {}

  bool root(Node& node) {
    cursor_.peek();
    if (!object(&node, 0)) return false;
    cursor_.peek();
    if (!cursor_.at_end()) return broken("text follows the object");
    return true;
  }

  Complaint& complaint() { return complaint_; }
  Cursor& cursor() { return cursor_; }
  /// Goes back to where the cursor stood before a value.
  void return_to(const Cursor& place) { cursor_ = place; }

  /// The next value, whatever it is.
  bool value(Node* node, int depth) {
    switch (cursor_.peek()) {
      case '{':
      case '[': return container(node, depth);
      case '"': return string(node);
      default: return word(node);
    }
  }
  /// The members of the object that comes next, for a node that the caller has begun and ends.
  bool members(Node* node, int depth) {
    cursor_.take('{');
    if (cursor_.take('}')) return true;
    do {
      if (!member(node, depth)) return false;
    } while (cursor_.take(','));
    return cursor_.take('}') || broken("a ',' or '}' is missing in an object");
  }

 private:
  bool complain(std::string_view code, std::string reason) {
    complaint_ = {.code = std::string(code), .reason = std::move(reason)};
    return false;
  }
  bool broken(std::string_view what) { return complain("invalid_json", fmt::format("not valid JSON: {}", what)); }
  bool broken_value(Node* node, std::string_view what) {
    if (node != nullptr) sink_.absent(*node);
    return broken(what);
  }
  // Says that what was complained about is in this member.
  bool in_member(std::string_view name) {
    complaint_.column = complaint_.column.empty() ? std::string(name) : fmt::format("{}.{}", name, complaint_.column);
    return false;
  }

  bool object(Node* node, int depth) {
    if (node != nullptr) sink_.begin_object(*node);
    const bool sound = members(node, depth + 1);
    if (node != nullptr) sink_.end_object(*node);
    return sound;
  }

  bool member(Node* node, int depth) {
    const bool quoted = cursor_.peek() == '"';
    // Records of one kind have the same names in the same order.
    if (quoted && node != nullptr) {
      if (const auto name = sink_.expected_name(*node); cursor_.take_name(name))
        return found_member(sink_.expected_member(*node), name, depth);
    }
    std::string_view name;
    bool has_escapes = false;
    if (!quoted || !cursor_.take_string(name, has_escapes)) return broken("a name in quotes is missing");
    if (!has_escapes) return member_behind(name, node, depth);
    std::string unescaped;
    if (!unescape(name, unescaped)) return broken("a name has a malformed escape");
    return member_behind(unescaped, node, depth);
  }

  // What follows the name.
  bool member_behind(std::string_view name, Node* node, int depth) {
    if (!cursor_.take(':')) return broken("a ':' is missing behind a name") || in_member(name);
    return found_member(node == nullptr ? Found{} : sink_.member(*node, name), name, depth);
  }

  bool found_member(Found found, std::string_view name, int depth) {
    if (!found.repeated && !found.unknown) return value(found.node, depth) || in_member(name);
    if (found.repeated)
      complain("duplicate_key", fmt::format("the name '{}' appears twice", name));
    else
      complain("unknown_column", "the column was not there when the input was planned");
    return in_member(name);
  }

  bool word(Node* node) {
    const char first = cursor_.peek();
    if (first == 't' || first == 'f' || first == 'n') return literal(node);
    const char* begin = cursor_.at();
    NumberText number;
    if (!cursor_.take_number(number)) return broken_value(node, kNoValue);
    if (node == nullptr || sink_.number(*node, cursor_.since(begin), number)) return true;
    return complain(sink_.misfit_code(*node), sink_.reason());
  }

  bool literal(Node* node) {
    const auto text = cursor_.take_word();
    if (text == "null") return scalar(node, Token::null, text);
    if (text == "true" || text == "false") return scalar(node, Token::boolean, text);
    return broken_value(node, kNoValue);
  }

  bool string(Node* node) {
    const char* first = cursor_.at();
    std::string_view text;
    bool has_escapes = false;
    if (!cursor_.take_string(text, has_escapes))
      return broken_value(node, "a string is not closed or holds a control character");
    if (has_escapes) {
      if (!unescape(text, unescaped_))
        return broken_value(node, "a string has a malformed escape or half a surrogate pair");
      text = unescaped_;
    }
    if (node != nullptr && sink_.wants_json(*node)) text = cursor_.since(first);
    return scalar(node, Token::string, text);
  }

  bool scalar(Node* node, Token kind, std::string_view text) {
    if (node == nullptr || sink_.scalar(*node, kind, text)) return true;
    return complain(sink_.misfit_code(*node), sink_.reason());
  }

  bool container(Node* node, int depth) {
    if (depth >= max_depth_) {
      if (node != nullptr) sink_.absent(*node);
      return complain("too_deep", fmt::format("values are nested more than {} deep", max_depth_));
    }
    const bool is_object = cursor_.peek() == '{';
    if (node == nullptr || (is_object ? sink_.takes_object(*node) : sink_.takes_list(*node)))
      return is_object ? object(node, depth) : list(node, depth);
    return as_json(*node, depth);
  }

  bool list(Node* node, int depth) {
    Node* items = node == nullptr ? nullptr : &sink_.begin_list(*node);
    cursor_.take('[');
    if (cursor_.take(']')) return true;
    do {
      if (!value(items, depth + 1)) return false;
    } while (cursor_.take(','));
    return cursor_.take(']') || broken("a ',' or ']' is missing in a list");
  }

  // An object or list where the column has none: its text, or a misfit.
  bool as_json(Node& node, int depth) {
    const char* first = cursor_.at();
    const bool is_object = *first == '{';
    const bool sound = is_object ? object(nullptr, depth) : list(nullptr, depth);
    if (sound && sink_.takes_raw(node, is_object)) {
      sink_.raw(node, cursor_.since(first));
      return true;
    }
    sink_.absent(node);
    if (!sound) return false;
    return complain(sink_.misfit_code(node), is_object ? "an object stands here" : "a list stands here");
  }

  static constexpr std::string_view kNoValue = "a value is missing or is no number, string, true, false or null";

  Sink& sink_;
  Cursor cursor_;
  int max_depth_;
  std::string unescaped_;
  Complaint complaint_;
};

}  // namespace mainstem::format::json
