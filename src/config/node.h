#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace mainstem::config {

/// Where the lines of a text stand in its file, to place a message about a part of the text (SQL in YAML).
struct TextPlace {
  FilePosition first;   ///< first character of the text
  int next_column = 1;  ///< column in which its further lines begin; 0 = its lines are not those of the file

  /// Place of a line and column of the text, both from 1.
  FilePosition at(int line, int column) const;
};

/// One value of a configuration text with its place in it. YAML, JSON, URLs and command line options all become
/// Nodes, so that every mistake is reported the same way. A plain value type.
class Node {
 public:
  enum class Kind { null, scalar, list, map };

  Node() = default;
  /// Nothing, written at a place.
  static Node null(FilePosition position);
  static Node scalar(std::string text, FilePosition position = {}, bool quoted = false);
  static Node list(std::vector<Node> items, FilePosition position = {});
  /// Keys keep their order; the reader has rejected doubled keys.
  static Node map(std::vector<std::pair<std::string, Node>> entries, FilePosition position = {});

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_scalar() const { return kind_ == Kind::scalar; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_map() const { return kind_ == Kind::map; }

  /// Text of a scalar, references like ${env:X} already resolved; empty for other kinds.
  const std::string& text() const { return text_; }
  /// True if the scalar was written in quotes (then "12" is text, not a number).
  bool quoted() const { return quoted_; }
  /// True if the text came from a reference such as ${env:..}, ${file:..}: never echoed in messages.
  bool sensitive() const { return sensitive_; }
  void set_sensitive(bool value) { sensitive_ = value; }

  const std::vector<Node>& items() const { return items_; }
  const std::vector<std::pair<std::string, Node>>& entries() const { return entries_; }
  /// The value at `key` of a map, or null if absent. The pointer lives as long as this node is unchanged.
  const Node* find(std::string_view key) const;
  /// Where the key itself stands (for "unknown key" errors); position of the map if unknown.
  FilePosition key_position(std::string_view key) const;

  const FilePosition& position() const { return position_; }
  /// Where the characters of a scalar's text stand.
  const TextPlace& text_place() const { return text_place_; }
  void set_text_place(TextPlace place) { text_place_ = std::move(place); }

  /// Adds or replaces an entry of a map (a null node becomes a map).
  void set(std::string key, Node value, FilePosition key_position = {});
  /// As `set` for a key that is known to be new, without looking for it.
  void add_entry(std::string key, Node value, FilePosition key_position = {});
  /// Adds an item to a list (a null node becomes a list).
  void append(Node item);
  /// Removes an entry of a map; returns it, or a null node if absent.
  Node take(std::string_view key);

  /// "a map", "a list", "text", "nothing": for messages.
  std::string_view kind_name() const;

 private:
  Kind kind_ = Kind::null;
  std::string text_;
  bool quoted_ = false;
  bool sensitive_ = false;
  std::vector<Node> items_;
  std::vector<std::pair<std::string, Node>> entries_;
  std::vector<FilePosition> key_positions_;
  FilePosition position_;
  TextPlace text_place_;
};

}  // namespace mainstem::config
