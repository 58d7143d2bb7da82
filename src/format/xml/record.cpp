#include "format/xml/record.h"

#include <fmt/format.h>
#include <functional>

#include "base/units.h"

namespace mainstem::format::xml {
namespace {

constexpr int64_t kLeastNodeBytes = 64;
constexpr uint32_t kNamesInList = 32;
// What a large record took is given back after it.
constexpr size_t kKeptNodes = 4096;
constexpr size_t kKeptTextBytes = 4096;

uint64_t name_bit(std::string_view name) {
  constexpr size_t bits = 64;
  return uint64_t{1} << (std::hash<std::string_view>()(name) % bits);
}

}  // namespace

void Record::begin(std::string_view name, int64_t line) {
  if (nodes_.size() > kKeptNodes) nodes_.resize(kKeptNodes);
  used_ = 0;
  children_.clear();
  open_.clear();
  depth_ = 1;
  line_ = line;
  bytes_ = 0;
  complaint_ = {};
  open_.push_back(add_node(name));
}

Record::Index Record::add_node(std::string_view name) {
  spend(std::max(kLeastNodeBytes, static_cast<int64_t>(name.size())));
  if (used_ == nodes_.size()) nodes_.emplace_back();
  auto& node = nodes_[used_];
  if (node.text.capacity() > kKeptTextBytes) node.text = {};
  node.text.clear();
  node.name = name;
  node.links = {};
  return static_cast<Index>(used_++);
}

void Record::open(std::string_view name) {
  if (++depth_ > limits_.max_depth)
    complain("too_deep", fmt::format("elements are nested more than {} deep (option max_depth)", limits_.max_depth));
  if (complaint() != nullptr) return;
  const Index child = add_node(name);
  add_child(open_.back(), child);
  open_.push_back(child);
}

void Record::add_child(Index parent_index, Index child_index) {
  auto& parent = nodes_[parent_index];
  auto& child = nodes_[child_index];
  child.links.parent = parent_index;
  const Index first = find_child(parent_index, child.name);
  if (first != kNone) {
    auto& head = nodes_[first];
    (head.links.last_same == kNone ? head : nodes_[head.links.last_same]).links.next_same = child_index;
    head.links.last_same = child_index;
    return;
  }
  if (parent.links.last_child == kNone)
    parent.links.first_child = child_index;
  else
    nodes_[parent.links.last_child].links.next = child_index;
  parent.links.last_child = child_index;
  parent.links.name_bits |= name_bit(child.name);
  if (++parent.links.names > kNamesInList)
    children_.emplace(std::pair(parent_index, std::string_view(child.name)), child_index);
}

Record::Index Record::find_child(Index parent_index, std::string_view name) const {
  const auto& parent = nodes_[parent_index];
  if ((parent.links.name_bits & name_bit(name)) == 0) return kNone;
  Index child = parent.links.first_child;
  for (uint32_t i = 0; child != kNone && i < kNamesInList; ++i) {
    if (nodes_[child].name == name) return child;
    child = nodes_[child].links.next;
  }
  if (child == kNone) return kNone;
  const auto found = children_.find({parent_index, name});
  return found == children_.end() ? kNone : found->second;
}

void Record::add_attribute(std::string_view name, std::string_view value) {
  if (static_cast<int64_t>(value.size()) > limits_.max_attribute_bytes)
    complain("attribute_too_large", fmt::format("the attribute '{}' is larger than {} (option max_attribute)", name,
                                                to_string(ByteCount{limits_.max_attribute_bytes})));
  if (complaint() != nullptr || !spend(static_cast<int64_t>(value.size()))) return;
  const Index index = add_node(name);
  nodes_[index].text = value;
  auto& element = nodes_[open_.back()];
  if (element.links.last_attribute == kNone)
    element.links.first_attribute = index;
  else
    nodes_[element.links.last_attribute].links.next = index;
  element.links.last_attribute = index;
}

void Record::add_text(std::string_view text) {
  if (complaint() != nullptr || !spend(static_cast<int64_t>(text.size()))) return;
  nodes_[open_.back()].text += text;
}

bool Record::close() {
  if (complaint() == nullptr) open_.pop_back();
  return --depth_ == 0;
}

bool Record::spend(int64_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= limits_.max_bytes) return true;
  complain("record_too_large",
           fmt::format("the record is larger than {} (option max_record)", to_string(ByteCount{limits_.max_bytes})));
  return false;
}

void Record::complain(std::string code, std::string reason) {
  if (complaint() == nullptr) complaint_ = {.code = std::move(code), .reason = std::move(reason)};
}

std::string Record::to_xml(size_t max_bytes) const {
  std::string xml;
  write(kRoot, max_bytes, xml);
  if (xml.size() > max_bytes) xml.resize(max_bytes);
  return xml;
}

void Record::write(Index index, size_t max_bytes, std::string& xml) const {
  if (xml.size() > max_bytes) return;
  const auto& element = nodes_[index];
  xml += '<' + element.name;
  for (Index i = element.links.first_attribute; i != kNone; i = nodes_[i].links.next) {
    xml += ' ' + nodes_[i].name + "=\"";
    write_escaped(nodes_[i].text, true, xml);
    xml += '"';
  }
  xml += '>';
  write_escaped(element.text, false, xml);
  for (Index i = element.links.first_child; i != kNone; i = nodes_[i].links.next)
    for (Index same = i; same != kNone; same = nodes_[same].links.next_same) write(same, max_bytes, xml);
  xml += "</" + element.name + '>';
}

void write_escaped(std::string_view text, bool attribute, std::string& xml) {
  for (const char c : text) {
    switch (c) {
      case '&': xml += "&amp;"; break;
      case '<': xml += "&lt;"; break;
      case '>': xml += "&gt;"; break;
      // A reader makes a line feed of it unless it is written as a reference (XML 1.0, section 2.11).
      case '\r': xml += "&#13;"; break;
      case '"': xml += attribute ? "&quot;" : "\""; break;
      case '\n': xml += attribute ? "&#10;" : "\n"; break;
      case '\t': xml += attribute ? "&#9;" : "\t"; break;
      default: xml += c;
    }
  }
}

}  // namespace mainstem::format::xml
