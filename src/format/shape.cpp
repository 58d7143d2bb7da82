#include "format/shape.h"

#include <arrow/type.h>

namespace mainstem::format {

void Shape::add(Value value, const Scalar& scalar) {
  switch (value) {
    case Value::scalar: scalars_.add(scalar); return;
    case Value::object: ++objects_; return;
    case Value::list: ++lists_; return;
  }
}

void Shape::merge(const Shape& other) {
  scalars_.merge(other.scalars_);
  objects_ += other.objects_;
  lists_ += other.lists_;
  for (size_t i = 0; i < other.members_.size(); ++i)
    if (other.members_[i]->is_seen()) merge_member(other.names_.name(i), *other.members_[i]);
  if (other.items_ != nullptr && other.items_->is_seen()) items().merge(*other.items_);
}

void Shape::merge_member(std::string_view name, const Shape& other) {
  if (auto* known = member(name)) known->merge(other);
}

Shape* Shape::member(std::string_view name) {
  // A record may begin with any member; most go on where they stopped.
  const size_t next = expected_ < members_.size() ? expected_ : 0;
  size_t number = names_.find(name, next);
  if (number == MemberIndex::kNone) {
    if (has_too_many_members()) return nullptr;
    number = names_.add(name);
    members_.push_back(std::make_unique<Shape>());
  }
  expected_ = number + 1;
  return members_[number].get();
}

Shape& Shape::items() {
  if (items_ == nullptr) items_ = std::make_unique<Shape>();
  return *items_;
}

std::vector<ColumnPlan> Shape::member_plans(const std::string& prefix, std::vector<std::string>& mixed) const {
  std::vector<ColumnPlan> plans;
  for (size_t i = 0; i < members_.size(); ++i) {
    if (!members_[i]->is_seen()) continue;
    plans.push_back(members_[i]->plan(prefix + names_.name(i), mixed));
    plans.back().name = names_.name(i);
  }
  return plans;
}

ColumnPlan Shape::plan(std::string name, std::vector<std::string>& mixed) const {
  const int kinds = (scalars_.has_values() ? 1 : 0) + (objects_ > 0 ? 1 : 0) + (lists_ > 0 ? 1 : 0);
  ColumnPlan json{.name = name, .type = arrow::utf8(), .json_text = true};
  if (kinds > 1) {
    mixed.push_back(std::move(name));
    return json;
  }
  if (objects_ > 0) {
    if (has_too_many_members()) return json;
    auto members = member_plans(name + ".", mixed);
    return members.empty() ? json : struct_plan(std::move(name), std::move(members));
  }
  if (lists_ > 0) {
    auto item = items_ == nullptr ? ColumnPlan{.type = arrow::utf8()} : items_->plan(name + "[]", mixed);
    item.name = "item";
    return list_plan(std::move(name), std::move(item));
  }
  return {.name = std::move(name), .type = scalars_.type()};
}

}  // namespace mainstem::format
