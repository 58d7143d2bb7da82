#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mainstem::format::xml {

/// Why a record is no row.
struct Complaint {
  std::string code;         ///< too_deep, record_too_large, attribute_too_large, repeated_element, or a misfit
  std::string reason;       ///< for people
  std::string column = {};  ///< top-level or dotted name, if it is about one
};

/// The tree of one record, kept only as far as the limits allow. Its memory is used again for the next record.
/// One thread.
class Record {
 public:
  using Index = uint32_t;
  static constexpr Index kNone = UINT32_MAX;
  static constexpr Index kRoot = 0;

  struct Limits {
    int max_depth = 0;
    int64_t max_bytes = 0;
    int64_t max_attribute_bytes = 0;
  };

  /// How a node leads to others.
  struct Links {
    Index first_attribute = kNone;  ///< in the order of the document
    Index first_child = kNone;      ///< the first element of the first name
    Index next = kNone;             ///< the next attribute, or the first element of the next name
    Index next_same = kNone;        ///< the next element with this name

    Index parent = kNone;
    Index last_attribute = kNone;
    Index last_child = kNone;
    Index last_same = kNone;  // of the first element of a name
    uint32_t names = 0;       // different names of children
    uint64_t name_bits = 0;   // a bit for the hash of each of them
  };

  /// An element or attribute. Child elements with the same name are chained.
  struct Node {
    std::string name;
    std::string text;  ///< all text directly inside of it
    Links links;
  };

  explicit Record(Limits limits) : limits_(limits) {}

  /// Begins a record with its outermost element.
  void begin(std::string_view name, int64_t line);
  void open(std::string_view name);
  void add_attribute(std::string_view name, std::string_view value);
  void add_text(std::string_view text);
  /// True if that was the end of the outermost element.
  bool close();

  const Node& node(Index index) const { return nodes_[index]; }
  int64_t line() const { return line_; }
  /// Bytes counted against the limit.
  int64_t bytes() const { return bytes_; }
  /// Not sound if a limit was passed; then only a part of the record is there.
  const Complaint* complaint() const { return complaint_.code.empty() ? nullptr : &complaint_; }
  /// The record as XML in UTF-8, at most about so many bytes.
  std::string to_xml(size_t max_bytes) const;

 private:
  Index add_node(std::string_view name);
  Index find_child(Index parent, std::string_view name) const;
  void add_child(Index parent, Index child);
  bool spend(int64_t bytes);
  void complain(std::string code, std::string reason);
  void write(Index index, size_t max_bytes, std::string& xml) const;

  Limits limits_;
  std::deque<Node> nodes_;  // names are pointed at
  size_t used_ = 0;
  // Children of elements with many names, which a list would be slow to search.
  std::map<std::pair<Index, std::string_view>, Index> children_;
  std::vector<Index> open_;
  int depth_ = 0;
  int64_t line_ = 0;
  int64_t bytes_ = 0;
  Complaint complaint_;
};

/// Appends text with the characters escaped that mean something in XML; also quotes and line breaks, if `attribute`.
void write_escaped(std::string_view text, bool attribute, std::string& xml);

}  // namespace mainstem::format::xml
