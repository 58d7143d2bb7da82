#pragma once

#include <arrow/type_fwd.h>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "format/column_plan.h"
#include "format/member_index.h"
#include "format/number_text.h"

namespace mainstem::format {

/// Builds the values of one column, or of a part of one, and of everything inside it, from records whose members come
/// in any order and may be missing. Each call but the `end` ones and the look-ups appends exactly one value.
/// One thread.
class ColumnBuilder {
 public:
  /// A member that was looked up in an object.
  struct Member {
    enum class State { found, unknown, repeated };
    State state = State::unknown;
    ColumnBuilder* column = nullptr;
  };

  /// `builder` is that of the plan's type and outlives this; null for a column that is not wanted.
  ColumnBuilder(const ColumnPlan& plan, arrow::ArrayBuilder* builder);

  const ColumnPlan& plan() const { return plan_; }
  bool ignored() const { return builder_ == nullptr; }
  bool is_struct() const { return is_struct_; }
  bool is_list() const { return is_list_; }
  bool is_text() const { return is_text_; }

  arrow::Status append_null();
  /// As `append_text` in value_append.h; nothing is appended if the text is refused.
  arrow::Status append_scalar(std::string_view text);
  /// The same for a number that was scanned before.
  arrow::Status append_number(std::string_view text, const NumberText& number);

  /// Opens a struct value; its members follow by `member`, and `end_struct` gives null to those that were missing.
  arrow::Status begin_struct();
  Member member(std::string_view name);
  /// The name of the member that should come next, if it stands in JSON as it is; else empty.
  std::string_view expected_name() const { return names_.plain_name(expected_); }
  /// That member; `expected_name` was not empty.
  Member expected_member() { return fill(expected_); }
  arrow::Status end_struct();

  /// Opens a list value; each value appended to `items` until the next call here is one of it.
  arrow::Status begin_list();
  ColumnBuilder& items() { return children_.front(); }

 private:
  Member fill(size_t number) {
    expected_ = number + 1;
    auto& child = children_[number];
    const bool repeated = std::exchange(child.filled_in_, object_) == object_;
    return {.state = repeated ? Member::State::repeated : Member::State::found, .column = &child};
  }

  const ColumnPlan& plan_;
  arrow::ArrayBuilder* builder_;
  bool is_struct_;
  bool is_list_;
  bool is_text_;
  std::vector<ColumnBuilder> children_;
  MemberIndex names_;
  size_t expected_ = 0;     // the member that should come next
  uint64_t object_ = 0;     // number of the struct value being filled
  uint64_t filled_in_ = 0;  // the parent's object_ in which this was last given a value
};

}  // namespace mainstem::format
