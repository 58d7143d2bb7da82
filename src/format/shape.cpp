#include "format/shape.h"

#include <arrow/type.h>

namespace mainstem::format {

void Shape::add(Value value, const Scalar& scalar) {
  switch (value) {
    case Value::scalar: scalars_.add(scalar); return;
    case Value::object: objects_ = true; return;
    case Value::list: lists_ = true; return;
    case Value::single: singles_ = true; return;
    case Value::text:
      scalars_.add(scalar);
      text_ = true;
      return;
  }
}

void Shape::merge(const Shape& other) {
  scalars_.merge(other.scalars_);
  objects_ = objects_ || other.objects_;
  lists_ = lists_ || other.lists_;
  singles_ = singles_ || other.singles_;
  text_ = text_ || other.text_;
  for (size_t i = 0; i < other.members_.size(); ++i)
    if (other.members_[i]->is_seen()) merge_member(other.names_.name(i), *other.members_[i]);
  if (other.seen_items() != nullptr) items().merge(*other.items_);
}

void Shape::merge_member(std::string_view name, const Shape& other) {
  if (auto* known = member(name)) known->merge(other);
}

Shape* Shape::member(std::string_view name) {
  size_t number = names_.find(name, expected_number());
  if (number == MemberIndex::kNone) {
    if (has_too_many_members()) return nullptr;
    number = names_.add(name);
    members_.push_back(std::make_unique<Shape>());
  }
  expected_ = number + 1;
  return members_[number].get();
}

const Shape* Shape::seen_member(std::string_view name) const {
  const size_t number = names_.find(name, 0);
  return number != MemberIndex::kNone && members_[number]->is_seen() ? members_[number].get() : nullptr;
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
  const bool alone = scalars_.has_values() && !(text_ && objects_);
  const int kinds = (alone ? 1 : 0) + (objects_ ? 1 : 0) + (lists_ || singles_ ? 1 : 0);
  ColumnPlan json{.name = name, .type = arrow::utf8(), .json_text = true};
  if (kinds > 1) {
    mixed.push_back(std::move(name));
    return json;
  }
  if (objects_) {
    if (has_too_many_members()) return json;
    auto members = plans_with_text(name, mixed);
    return members.empty() ? json : struct_plan(std::move(name), std::move(members));
  }
  if (lists_ || singles_) return plan_items(std::move(name), mixed);
  return {.name = std::move(name), .type = scalars_.type(), .no_values = !scalars_.has_values()};
}

ColumnPlan Shape::plan_items(std::string name, std::vector<std::string>& mixed) const {
  if (!lists_) return items_->plan(std::move(name), mixed);
  auto item = items_ == nullptr ? ColumnPlan{.type = arrow::utf8()} : items_->plan(name + "[]", mixed);
  item.name = "item";
  return list_plan(std::move(name), std::move(item));
}

std::vector<ColumnPlan> Shape::plans_with_text(const std::string& name, std::vector<std::string>& mixed) const {
  auto plans = member_plans(name + ".", mixed);
  if (!text_ || !scalars_.has_values()) return plans;
  const Shape* known = seen_member(kTextMember);
  if (known == nullptr) {
    plans.push_back({.name = std::string(kTextMember), .type = scalars_.type()});
    return plans;
  }
  auto facts = known->scalars_;
  facts.merge(scalars_);
  if (known->objects_ || known->lists_ || known->singles_) mixed.push_back(name + "." + std::string(kTextMember));
  for (auto& plan : plans)
    if (plan.name == kTextMember) plan.type = facts.type();
  return plans;
}

}  // namespace mainstem::format
