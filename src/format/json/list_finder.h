#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/json/complaint.h"
#include "format/json/nested_path.h"

namespace mainstem::format::json {

/// Finds the lists in a record whose elements are rows, and the keys that go with each. One thread.
class ListFinder {
 public:
  /// A list with elements. Its text is valid JSON and a part of the record.
  struct List {
    std::string_view text;
    size_t number = 0;
  };

  ListFinder(const NestedPath& path, int max_depth);
  ~ListFinder();
  ListFinder(const ListFinder&) = delete;
  ListFinder& operator=(const ListFinder&) = delete;

  /// Complains if the record is not sound, or something else than objects and lists leads to the rows or a key.
  /// A list that is missing, null or empty has no rows. What was found is valid until the next call, and as long as
  /// the record's text.
  std::optional<Complaint> find(std::string_view record);

  const std::vector<List>& lists() const;
  /// Whether there was a list, be it an empty one.
  bool has_seen_list() const;
  /// The JSON text of each key of a list; null data for a key that is missing.
  std::span<const std::string_view> keys_of(const List& list) const;
  /// "orders[2].items": where a list was found; places count from 1.
  std::string place_of(const List& list) const;

 private:
  class Sink;
  std::unique_ptr<Sink> sink_;
  int max_depth_;
};

}  // namespace mainstem::format::json
