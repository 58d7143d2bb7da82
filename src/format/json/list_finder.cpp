#include "format/json/list_finder.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "format/json/walk.h"

namespace mainstem::format::json {
namespace {

// A value that the paths of rows and keys lead to or through. Lists on the way are passed by: what is at a place may
// stand there alone or in a list.
struct Place {
  enum class Role : uint8_t { inner, step, rows, key };

  Role role = Role::inner;
  size_t number = 0;  // of the key, or of the names from the record to the step
  std::vector<std::pair<std::string, std::unique_ptr<Place>>> members;
  uint64_t last_object = 0;  // in which it was found

  Place* find(std::string_view name) const {
    const auto found =
        std::ranges::find(members, name, [](const auto& member) { return std::string_view(member.first); });
    return found == members.end() ? nullptr : found->second.get();
  }
  Place& member(const std::string& name) {
    if (auto* known = find(name)) return *known;
    return *members.emplace_back(name, std::make_unique<Place>()).second;
  }
};

Place& place_at(Place& root, const std::vector<std::string>& steps) {
  auto* place = &root;
  for (const auto& step : steps) place = &place->member(step);
  return *place;
}

bool is_empty_list(std::string_view json) {
  Cursor cursor(json);
  return cursor.take('[') && cursor.take(']');
}

}  // namespace

// Where values of a Walk go. One level is the record or what one step leads to: its keys belong to all lists that were
// found while it was open.
class ListFinder::Sink {
 public:
  using Node = Place;
  struct Found {
    Place* node;
    bool repeated = false;
    bool unknown = false;
  };

  explicit Sink(const NestedPath& path) : path_(path), levels_(path.steps.size()), present_(path.keys.size()) {
    root_.role = Place::Role::step;
    for (size_t i = 1; i < path.steps.size(); ++i) {
      auto& place = place_at(root_, {path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(i)});
      place.role = Place::Role::step;
      place.number = i;
    }
    place_at(root_, path.steps).role = Place::Role::rows;
    for (size_t i = 0; i < path.keys.size(); ++i) {
      auto& place = place_at(root_, path.keys[i].steps);
      place.role = Place::Role::key;
      place.number = i;
      levels_[path.level_of(path.keys[i])].keys.push_back(i);
    }
  }

  Place& root() { return root_; }
  const NestedPath& path() const { return path_; }
  void reset() {
    lists_.clear();
    keys_.clear();
    positions_.clear();
    open_.clear();
    seen_list_ = false;
  }
  const std::vector<List>& lists() const { return lists_; }
  bool has_seen_list() const { return seen_list_; }
  std::span<const std::string_view> keys_of(const List& list) const {
    return std::span(keys_).subspan(list.number * present_.size(), present_.size());
  }
  std::string place_of(const List& list) const {
    std::string text;
    for (size_t i = 0; i < levels_.size(); ++i) {
      const auto position = i == 0 ? 0 : positions_[list.number * levels_.size() + i];
      if (i > 0) text += position > 0 ? fmt::format("[{}].", position) : ".";
      text += path_.steps[i];
    }
    return text;
  }

  bool takes_object(const Place& place) const { return place.role == Place::Role::inner || is_step(place); }
  bool takes_list(const Place& place) const { return is_step(place) && place.number > 0; }
  bool wants_json(const Place&) const { return true; }
  bool takes_raw(const Place& place, bool is_object) const {
    return place.role == Place::Role::key || (place.role == Place::Role::rows && !is_object);
  }
  std::string_view misfit_code(const Place& place) const {
    return place.role == Place::Role::rows ? "not_a_list" : "not_an_object";
  }
  std::string reason() const { return "a single value stands here"; }
  void absent(Place&) {}

  void begin_object(Place& place) {
    open_.push_back(++objects_);
    if (!is_step(place)) return;
    auto& level = levels_[place.number];
    level.first_list = lists_.size();
    if (level.in_list) ++level.position;
    for (const auto key : level.keys) present_[key] = {};
    if (place.number + 1 < levels_.size()) levels_[place.number + 1].leave_list();
  }
  void end_object(Place& place) {
    open_.pop_back();
    if (!is_step(place)) return;
    const auto& level = levels_[place.number];
    for (size_t list = level.first_list; list < lists_.size(); ++list)
      for (const auto key : level.keys) keys_[list * present_.size() + key] = present_[key];
  }
  std::string_view expected_name(const Place&) const { return {}; }
  Found expected_member(Place&) { return {.node = nullptr}; }
  Found member(Place& place, std::string_view name) {
    auto* found = place.find(name);
    if (found == nullptr) return {.node = nullptr};
    return {.node = found, .repeated = std::exchange(found->last_object, open_.back()) == open_.back()};
  }
  Place& begin_list(Place& place) {
    levels_[place.number].in_list = true;
    return place;
  }
  bool scalar(Place& place, Token token, std::string_view text) {
    if (place.role == Place::Role::key) present_[place.number] = text;
    return place.role == Place::Role::key || token == Token::null;
  }
  bool number(Place& place, std::string_view text, const NumberText&) { return scalar(place, Token::string, text); }
  void raw(Place& place, std::string_view json) {
    if (place.role == Place::Role::key) {
      present_[place.number] = json;
      return;
    }
    seen_list_ = true;
    if (is_empty_list(json)) return;
    lists_.push_back({.text = json, .number = lists_.size()});
    keys_.resize(lists_.size() * present_.size());
    for (const auto& level : levels_) positions_.push_back(level.position);
  }

 private:
  struct Level {
    std::vector<size_t> keys;
    size_t first_list = 0;
    bool in_list = false;
    int64_t position = 0;  // in its list, 0 outside of one

    void leave_list() {
      in_list = false;
      position = 0;
    }
  };

  static bool is_step(const Place& place) { return place.role == Place::Role::step; }

  const NestedPath& path_;
  Place root_;
  std::vector<Level> levels_;
  std::vector<std::string_view> present_;  // keys of the levels that are open
  std::vector<uint64_t> open_;             // numbers of the objects that are open
  uint64_t objects_ = 0;
  bool seen_list_ = false;
  std::vector<List> lists_;
  std::vector<std::string_view> keys_;  // for each list, all keys
  std::vector<int64_t> positions_;      // for each list, one a level
};

ListFinder::ListFinder(const NestedPath& path, int max_depth)
    : sink_(std::make_unique<Sink>(path)), max_depth_(max_depth) {}
ListFinder::~ListFinder() = default;

std::optional<Complaint> ListFinder::find(std::string_view record) {
  sink_->reset();
  if (auto complaint = refuse_other_kinds(record)) return complaint;
  Walk<Sink> walk(*sink_, record, max_depth_);
  if (walk.root(sink_->root())) return std::nullopt;
  sink_->reset();
  return std::move(walk.complaint());
}

const std::vector<ListFinder::List>& ListFinder::lists() const { return sink_->lists(); }
bool ListFinder::has_seen_list() const { return sink_->has_seen_list(); }
std::span<const std::string_view> ListFinder::keys_of(const List& list) const { return sink_->keys_of(list); }
std::string ListFinder::place_of(const List& list) const { return sink_->place_of(list); }

}  // namespace mainstem::format::json
