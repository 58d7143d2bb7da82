#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "format/json/complaint.h"
#include "format/json/list_finder.h"
#include "format/json/nested_path.h"
#include "format/json/row_parser.h"
#include "format/record_builder.h"
#include "format/shape.h"

namespace mainstem::format::json {

/// Reads the elements of lists inside of records as rows. One thread.
class ElementParser {
 public:
  /// `path` outlives the parser. With `only_objects`, an element that is no object is none of the rows.
  ElementParser(const NestedPath& path, ParseOptions options, bool only_objects);
  ~ElementParser();
  ElementParser(const ElementParser&) = delete;
  ElementParser& operator=(const ElementParser&) = delete;

  /// Adds the keys and elements of a sound record to the shape, as `plan_nested_columns` has it; a broken record, and
  /// a broken element, leaves no trace. Returns how many elements there are. Errors: as RowParser::observe.
  Result<int64_t> observe(std::string_view record, ShapeRecorder& recorder);

  /// Goes to the first element of a record, whose number in its file is `number`. The text outlives its elements.
  std::optional<Complaint> begin(std::string_view record, int64_t number);
  bool has_element() const;

  struct Element {
    std::string_view text;
    std::optional<Complaint> complaint;  ///< its column begins with the element's place, as in "items[3].price"
  };
  /// Appends the next element to `rows`: kept if it fits, else discarded.
  Result<Element> append(RecordBuilder& rows);

 private:
  class Elements;

  const NestedPath& path_;
  ParseOptions options_;
  bool only_objects_;
  ListFinder finder_;
  int64_t number_ = 0;
  int64_t index_ = 0;  // elements of the record that were read
  size_t list_ = 0;    // that is being read
  std::unique_ptr<Elements> elements_;
};

}  // namespace mainstem::format::json
