#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/column_plan.h"
#include "format/member_index.h"
#include "format/scalar_type.h"

namespace mainstem::format {

/// What the values at one place of the records looked like, over all records.
class Shape {
 public:
  /// More names than this in a nested object: it is a map, and becomes JSON text instead of a struct.
  static constexpr size_t kMaxMembers = 10'000;

  /// What one value was.
  /// For formats that do not mark lists, `single` is one item (noted in `items` too) that is a list only where `list`
  /// is seen elsewhere; and `text` is a scalar that becomes the member kTextMember where objects are seen elsewhere.
  enum class Value : uint8_t { scalar, object, list, single, text };
  static constexpr std::string_view kTextMember = "value";

  void add(Value value, const Scalar& scalar);
  /// As the same shape seen in another stretch of the input, which comes after this one.
  void merge(const Shape& other);

  /// The shape of the member or of the items, made on first use. It is seen only if values are added to it.
  /// Null for a further member of a shape that `has_too_many_members`.
  Shape* member(std::string_view name);
  Shape& items();
  /// Begins an object with a number of its own, other than 0.
  void begin_object(uint64_t object) {
    object_ = object;
    expected_ = 0;
  }
  uint64_t object() const { return object_; }
  /// True for the second call with the same `object`: how a doubled name is noticed.
  bool is_repeated(uint64_t object) { return std::exchange(last_object_, object) == object; }
  /// The name of the member that should come next, if it stands in JSON as it is; else empty.
  std::string_view expected_name() const { return names_.plain_name(expected_number()); }
  /// That member; `expected_name` was not empty.
  Shape& expected_member() {
    const size_t number = expected_number();
    expected_ = number + 1;
    return *members_[number];
  }
  /// True if one more such value would say nothing more.
  bool covers(Value value, const Scalar& scalar) const {
    switch (value) {
      case Value::scalar: return scalars_.covers(scalar);
      case Value::object: return objects_;
      case Value::list: return lists_;
      case Value::single: return singles_;
      case Value::text: return text_ && scalars_.covers(scalar);
    }
    return false;
  }

  bool is_seen() const { return scalars_.is_seen() || objects_ || lists_ || singles_; }
  bool has_objects() const { return objects_; }
  bool has_lists() const { return lists_; }
  /// The shape of a member, or of the items, if values were added to it; else null.
  const Shape* seen_member(std::string_view name) const;
  const Shape* seen_items() const { return items_ != nullptr && items_->is_seen() ? items_.get() : nullptr; }
  bool has_too_many_members() const { return members_.size() > kMaxMembers; }

  /// The narrowest column that holds every value: struct, list or a scalar; JSON text if kinds are mixed, and for
  /// objects without members or with too many. Names of columns that became JSON text are added to `mixed`.
  ColumnPlan plan(std::string name, std::vector<std::string>& mixed) const;
  /// Plans of the members seen.
  std::vector<ColumnPlan> member_plans(const std::string& prefix, std::vector<std::string>& mixed) const;

 private:
  // A record may begin with any member; most go on where they stopped.
  size_t expected_number() const { return expected_ < members_.size() ? expected_ : 0; }
  void merge_member(std::string_view name, const Shape& other);
  ColumnPlan plan_items(std::string name, std::vector<std::string>& mixed) const;
  std::vector<ColumnPlan> plans_with_text(const std::string& name, std::vector<std::string>& mixed) const;

  ScalarFacts scalars_;
  bool objects_ = false;
  bool lists_ = false;
  bool singles_ = false;
  bool text_ = false;
  uint64_t object_ = 0;
  uint64_t last_object_ = 0;
  size_t expected_ = 0;
  MemberIndex names_;
  std::vector<std::unique_ptr<Shape>> members_;
  std::unique_ptr<Shape> items_;
};

/// Keeps what a record shows until it is known to be sound, so that a broken record leaves no trace in the types.
class ShapeRecorder {
 public:
  explicit ShapeRecorder(Shape& root) : root_(root) {}

  Shape& root() { return root_; }
  uint64_t next_object() { return ++objects_; }
  void note(Shape& shape, Shape::Value value, const Scalar& scalar = {}) {
    if (!shape.covers(value, scalar)) notes_.push_back({&shape, value, scalar});
  }
  void keep() {
    for (const auto& note : notes_) note.shape->add(note.value, note.scalar);
    notes_.clear();
  }
  void discard() { notes_.clear(); }

 private:
  struct Note {
    Shape* shape;
    Shape::Value value;
    Scalar scalar;
  };

  Shape& root_;
  uint64_t objects_ = 0;
  std::vector<Note> notes_;
};

}  // namespace mainstem::format
