#include "format/json/element_parser.h"

#include <fmt/format.h>
#include <string>
#include <utility>

#include "columnar/status.h"
#include "format/json/sinks.h"
#include "format/json/walk.h"

namespace mainstem::format::json {
namespace {

// Walks the elements of a list that is known to be valid JSON with elements.
template <class Sink>
class ListWalk {
 public:
  using Node = typename Sink::Node;

  ListWalk(Sink& sink, std::string_view list, int max_depth) : walk_(sink, list, max_depth) {
    walk_.cursor().take('[');
    begin();
  }

  char first() { return walk_.cursor().peek(); }
  bool value(Node* node) { return walk_.value(node, 0); }
  bool members(Node* node) { return walk_.members(node, 1); }
  Complaint& complaint() { return walk_.complaint(); }

  // Goes behind the element, wherever the walk stopped in it, and gives its text.
  std::string_view finish(bool walked) {
    if (!walked) {
      walk_.return_to(begin_);
      walk_.value(nullptr, 0);
    }
    const auto text = walk_.cursor().since(begin_.at());
    ended_ = !walk_.cursor().take(',');
    begin();
    return text;
  }
  bool ended() const { return ended_; }

 private:
  void begin() {
    walk_.cursor().peek();
    begin_ = walk_.cursor();
  }

  Walk<Sink> walk_;
  Cursor begin_{""};
  bool ended_ = false;
};

// Puts where an element stands in front of the column.
std::string column_in(std::string place, int64_t position, const std::string& column) {
  place += fmt::format("[{}]", position);
  return column.empty() ? place : place + "." + column;
}

}  // namespace

class ElementParser::Elements {
 public:
  Elements(std::string_view list, int max_depth) : walk_(sink_, list, max_depth), max_depth_(max_depth) {}

  bool ended() const { return walk_.ended(); }
  int64_t position() const { return position_; }

  void begin(ColumnBuilder& root) { sink_.begin_object(root); }
  bool append_key(ColumnBuilder& root, const std::string& name, std::string_view json) {
    auto* column = root.member(name).column;
    if (column == nullptr) return false;
    if (json.data() == nullptr) {
      sink_.absent(*column);
      return true;
    }
    Walk<ColumnSink> walk(sink_, json, max_depth_);
    if (walk.value(column, 0)) return true;
    complaint_ = std::move(walk.complaint());
    complaint_->column = name;
    return false;
  }
  void append_number(ColumnBuilder& root, std::string_view name, int64_t number) {
    if (auto* column = root.member(name).column) sink_.scalar(*column, Token::string, fmt::format_int(number).c_str());
  }
  bool append_members(ColumnBuilder& root) {
    if (walk_.first() == '{') return walk_.members(&root);
    complaint_ = Complaint{.code = "not_an_object", .reason = "the element is no JSON object"};
    return false;
  }
  bool append_value(ColumnBuilder& root) {
    auto* column = root.member(NestedPath::kValue).column;
    if (column != nullptr) return walk_.value(column);
    complaint_ = Complaint{.code = "unknown_column", .reason = "there were no elements when the input was planned"};
    return false;
  }
  Result<Element> finish(ColumnBuilder& root, bool fits) {
    sink_.end_object(root);
    MS_TRY(columnar::from_arrow(sink_.failure(), "building rows"));
    if (!fits && !complaint_) complaint_ = walk_.complaint();
    ++position_;
    return Element{.text = walk_.finish(fits), .complaint = std::exchange(complaint_, std::nullopt)};
  }

 private:
  ColumnSink sink_;
  ListWalk<ColumnSink> walk_;
  int max_depth_;
  int64_t position_ = 0;
  std::optional<Complaint> complaint_;
};

ElementParser::ElementParser(const NestedPath& path, ParseOptions options, bool only_objects)
    : path_(path), options_(options), only_objects_(only_objects), finder_(path, options.max_depth) {}
ElementParser::~ElementParser() = default;

Result<int64_t> ElementParser::observe(std::string_view record, ShapeRecorder& recorder) {
  int64_t elements = 0;
  if (finder_.find(record)) return elements;
  auto& root = recorder.root();
  root.add(Shape::Value::object, {});
  if (finder_.has_seen_list()) root.add(Shape::Value::list, {});
  ShapeSink sink(recorder, options_.infer_dates);
  for (const auto& list : finder_.lists()) {
    const auto keys = finder_.keys_of(list);
    for (size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].data() == nullptr) continue;
      Walk<ShapeSink> walk(sink, keys[i], options_.max_depth);
      walk.value(root.member(path_.keys[i].column), 0) ? recorder.keep() : recorder.discard();
    }
    ListWalk<ShapeSink> walk(sink, list.text, options_.max_depth);
    while (!walk.ended()) {
      ++elements;
      const bool sound = walk.value(&root.items());
      sound ? recorder.keep() : recorder.discard();
      walk.finish(sound);
    }
  }
  if (root.items().has_too_many_members())
    return Error(ErrorCode::resource_exhausted, fmt::format("elements have more than {} names", Shape::kMaxMembers))
        .hint("their names seem to be data: put the object that holds them below one name");
  return elements;
}

std::optional<Complaint> ElementParser::begin(std::string_view record, int64_t number) {
  number_ = number;
  index_ = 0;
  list_ = 0;
  auto complaint = finder_.find(record);
  elements_.reset();
  if (!finder_.lists().empty())
    elements_ = std::make_unique<Elements>(finder_.lists().front().text, options_.max_depth);
  return complaint;
}

bool ElementParser::has_element() const { return elements_ != nullptr; }

Result<ElementParser::Element> ElementParser::append(RecordBuilder& rows) {
  const auto& list = finder_.lists()[list_];
  const auto keys = finder_.keys_of(list);
  auto& root = rows.root();
  elements_->begin(root);
  bool keys_fit = true;
  for (size_t i = 0; i < keys.size() && keys_fit; ++i)
    keys_fit = elements_->append_key(root, path_.keys[i].column, keys[i]);
  elements_->append_number(root, NestedPath::kParent, number_);
  elements_->append_number(root, NestedPath::kIndex, ++index_);
  const bool fits = keys_fit && (only_objects_ ? elements_->append_members(root) : elements_->append_value(root));
  MS_ASSIGN(auto element, elements_->finish(root, fits));
  if (keys_fit && !fits)
    element.complaint->column = column_in(finder_.place_of(list), elements_->position(), element.complaint->column);
  fits ? rows.keep() : rows.discard();
  if (!elements_->ended()) return element;
  elements_.reset();
  if (++list_ < finder_.lists().size())
    elements_ = std::make_unique<Elements>(finder_.lists()[list_].text, options_.max_depth);
  return element;
}

}  // namespace mainstem::format::json
