#include "config/node.h"

#include <algorithm>

#include "base/check.h"

namespace mainstem::config {

FilePosition TextPlace::at(int line, int column) const {
  if (line <= 1) return {first.file, first.line, first.column + std::max(column, 1) - 1};
  if (next_column == 0 || first.line == 0) return first;
  return {first.file, first.line + line - 1, next_column + std::max(column, 1) - 1};
}

Node Node::null(FilePosition position) {
  Node node;
  node.position_ = std::move(position);
  return node;
}

Node Node::scalar(std::string text, FilePosition position, bool quoted) {
  Node node;
  node.kind_ = Kind::scalar;
  node.text_ = std::move(text);
  node.text_place_ = {.first = position, .next_column = 0};
  node.position_ = std::move(position);
  node.quoted_ = quoted;
  return node;
}

Node Node::list(std::vector<Node> items, FilePosition position) {
  Node node;
  node.kind_ = Kind::list;
  node.items_ = std::move(items);
  node.position_ = std::move(position);
  return node;
}

Node Node::map(std::vector<std::pair<std::string, Node>> entries, FilePosition position) {
  Node node;
  node.kind_ = Kind::map;
  node.entries_ = std::move(entries);
  node.key_positions_.assign(node.entries_.size(), FilePosition{});
  node.position_ = std::move(position);
  return node;
}

const Node* Node::find(std::string_view key) const {
  auto it = std::ranges::find(entries_, key, &std::pair<std::string, Node>::first);
  return it == entries_.end() ? nullptr : &it->second;
}

FilePosition Node::key_position(std::string_view key) const {
  auto it = std::ranges::find(entries_, key, &std::pair<std::string, Node>::first);
  if (it == entries_.end()) return position_;
  const auto& position = key_positions_[static_cast<size_t>(it - entries_.begin())];
  return position.file.empty() ? it->second.position() : position;
}

void Node::set(std::string key, Node value, FilePosition key_position) {
  CHECK(kind_ == Kind::map || kind_ == Kind::null, "entries are set on maps only");
  kind_ = Kind::map;
  auto it = std::ranges::find(entries_, key, &std::pair<std::string, Node>::first);
  if (it != entries_.end()) {
    key_positions_[static_cast<size_t>(it - entries_.begin())] = std::move(key_position);
    it->second = std::move(value);
    return;
  }
  add_entry(std::move(key), std::move(value), std::move(key_position));
}

void Node::add_entry(std::string key, Node value, FilePosition key_position) {
  CHECK(kind_ == Kind::map || kind_ == Kind::null, "entries are set on maps only");
  kind_ = Kind::map;
  entries_.emplace_back(std::move(key), std::move(value));
  key_positions_.push_back(std::move(key_position));
}

void Node::append(Node item) {
  CHECK(kind_ == Kind::list || kind_ == Kind::null, "items are appended to lists only");
  kind_ = Kind::list;
  items_.push_back(std::move(item));
}

Node Node::take(std::string_view key) {
  auto it = std::ranges::find(entries_, key, &std::pair<std::string, Node>::first);
  if (it == entries_.end()) return {};
  Node value = std::move(it->second);
  key_positions_.erase(key_positions_.begin() + (it - entries_.begin()));
  entries_.erase(it);
  return value;
}

std::string_view Node::kind_name() const {
  switch (kind_) {
    case Kind::null: return "nothing";
    case Kind::scalar: return "text";
    case Kind::list: return "a list";
    case Kind::map: return "a map";
  }
  return "nothing";
}

}  // namespace mainstem::config
