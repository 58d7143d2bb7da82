#include "format/json/row_parser.h"

#include <arrow/status.h>
#include <arrow/type.h>
#include <deque>
#include <fmt/format.h>
#include <utility>

#include "columnar/status.h"
#include "format/json/cursor.h"
#include "format/number_text.h"
#include "format/value_append.h"

namespace mainstem::format::json {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

enum class Token { null, boolean, number, string };

// Where values go while types are found out.
class ShapeSink {
 public:
  using Node = Shape;
  struct Found {
    Shape* node;
    bool repeated = false;
    bool unknown = false;
  };

  ShapeSink(ShapeRecorder& recorder, bool dates) : recorder_(recorder), dates_(dates) {}

  bool takes_object(const Shape&) const { return true; }
  bool takes_list(const Shape&) const { return true; }
  bool wants_json(const Shape&) const { return false; }
  void begin_object(Shape& shape) {
    recorder_.note(shape, Shape::Value::object);
    objects_.push_back(recorder_.next_object());
  }
  void end_object(Shape&) { objects_.pop_back(); }
  Found member(Shape& shape, std::string_view name) {
    auto* found = shape.member(name);
    return {.node = found, .repeated = found != nullptr && found->is_repeated(objects_.back())};
  }
  Shape& begin_list(Shape& shape) {
    recorder_.note(shape, Shape::Value::list);
    return shape.items();
  }
  bool scalar(Shape& shape, Token token, std::string_view text) {
    const auto scalar = classify(token, text);
    recorder_.note(shape, Shape::Value::scalar, scalar);
    return token != Token::number || scalar.kind != ScalarKind::text;
  }
  void raw(Shape&, std::string_view) {}
  void absent(Shape&) {}
  bool takes_text(const Shape&) const { return false; }
  bool scans_numbers(const Shape&) const { return true; }
  std::string_view misfit_code(const Shape&) const { return "invalid_value"; }
  std::string reason() const { return ""; }

 private:
  Scalar classify(Token token, std::string_view text) const {
    switch (token) {
      case Token::null: return {};
      case Token::boolean: return {.kind = ScalarKind::boolean};
      case Token::number: return classify_number(text);
      case Token::string: break;
    }
    return dates_ ? classify_date(text) : Scalar{.kind = ScalarKind::text};
  }

  ShapeRecorder& recorder_;
  bool dates_;
  std::vector<uint64_t> objects_;
};

// Where values go when rows are built.
class ColumnSink {
 public:
  using Node = ColumnBuilder;
  struct Found {
    ColumnBuilder* node;
    bool repeated = false;
    bool unknown = false;
  };

  bool takes_object(const ColumnBuilder& column) const { return column.is_struct(); }
  bool takes_list(const ColumnBuilder& column) const { return column.is_list(); }
  bool wants_json(const ColumnBuilder& column) const { return column.plan().json_text; }
  void begin_object(ColumnBuilder& column) { keep(column.begin_struct()); }
  void end_object(ColumnBuilder& column) { keep(column.end_struct()); }
  Found member(ColumnBuilder& column, std::string_view name) {
    const auto found = column.member(name);
    using State = ColumnBuilder::Member::State;
    return {.node = found.column, .repeated = found.state == State::repeated, .unknown = found.state == State::unknown};
  }
  ColumnBuilder& begin_list(ColumnBuilder& column) {
    keep(column.begin_list());
    return column.items();
  }
  bool scalar(ColumnBuilder& column, Token token, std::string_view text) {
    if (token == Token::null) {
      keep(column.append_null());
      return true;
    }
    auto status = column.append_scalar(text);
    if (status.ok()) return true;
    if (status.IsInvalid())
      reason_ = status.message();
    else
      keep(std::move(status));
    absent(column);
    return false;
  }
  void raw(ColumnBuilder& column, std::string_view json) { keep(column.append_scalar(json)); }
  void absent(ColumnBuilder& column) { keep(column.append_null()); }
  bool takes_text(const ColumnBuilder& column) const { return column.is_text() || column.ignored(); }
  bool scans_numbers(const ColumnBuilder& column) const { return !takes_text(column); }
  std::string_view misfit_code(const ColumnBuilder& column) const { return format::misfit_code(*column.plan().type); }
  const std::string& reason() const { return reason_; }
  const arrow::Status& failure() const { return failure_; }

 private:
  void keep(arrow::Status status) {
    if (!status.ok() && failure_.ok()) failure_ = std::move(status);
  }

  std::string reason_;
  arrow::Status failure_;
};

// Walks one record. Each value goes to its node of the sink; a null node takes a value that is only checked.
// Every function that gets a node gives it exactly one value, also when it fails.
template <class Sink>
class Walk {
 public:
  using Node = typename Sink::Node;

  Walk(Sink& sink, std::string_view record, int max_depth) : sink_(sink), cursor_(record), max_depth_(max_depth) {}

  bool root(Node& node) {
    cursor_.peek();
    if (!object(&node, 0)) return false;
    if (cursor_.peek() != '\0') return broken("text follows the object");
    return true;
  }

  Complaint& complaint() { return complaint_; }

 private:
  bool complain(std::string_view code, std::string reason) {
    complaint_ = {
        .code = std::string(code), .reason = std::move(reason), .column = fmt::format("{}", fmt::join(names_, "."))};
    return false;
  }
  bool broken(std::string_view what) { return complain("invalid_json", fmt::format("not valid JSON: {}", what)); }
  bool broken_value(Node* node, std::string_view what) {
    if (node != nullptr) sink_.absent(*node);
    return broken(what);
  }

  bool object(Node* node, int depth) {
    if (node != nullptr) sink_.begin_object(*node);
    const bool sound = members(node, depth + 1);
    if (node != nullptr) sink_.end_object(*node);
    return sound;
  }

  bool members(Node* node, int depth) {
    cursor_.take('{');
    if (cursor_.take('}')) return true;
    do {
      if (!member(node, depth)) return false;
    } while (cursor_.take(','));
    return cursor_.take('}') || broken("a ',' or '}' is missing in an object");
  }

  bool member(Node* node, int depth) {
    std::string_view name;
    bool has_escapes = false;
    if (cursor_.peek() != '"' || !cursor_.take_string(name, has_escapes)) return broken("a name in quotes is missing");
    if (has_escapes) {
      auto& text = unescaped_names_.emplace_back();
      if (!unescape(name, text)) return broken("a name has a malformed escape");
      name = text;
    }
    names_.push_back(name);
    if (!cursor_.take(':')) return broken("a ':' is missing behind a name");
    typename Sink::Found found{};
    if (node != nullptr) found = sink_.member(*node, name);
    if (found.repeated) return complain("duplicate_key", fmt::format("the name '{}' appears twice", name));
    if (found.unknown) return complain("unknown_column", "the column was not there when the input was planned");
    if (!value(found.node, depth)) return false;
    names_.pop_back();
    return true;
  }

  bool value(Node* node, int depth) {
    switch (cursor_.peek()) {
      case '{':
      case '[': return container(node, depth);
      case '"': return string(node);
      default: return word(node);
    }
  }

  bool word(Node* node) {
    const auto text = cursor_.take_word();
    if (text == "true" || text == "false") return scalar(node, Token::boolean, text);
    if (text == "null") return scalar(node, Token::null, text);
    // A column of numbers scans the text itself and refuses what is none.
    const bool checked_by_column = node != nullptr && sink_.scans_numbers(*node);
    if (!checked_by_column && !scan_number(text)) return broken_value(node, kNoValue);
    if (scalar(node, Token::number, text)) return true;
    return scan_number(text) ? false : broken(kNoValue);
  }

  bool string(Node* node) {
    const char* first = cursor_.at();
    std::string_view text;
    bool has_escapes = false;
    if (!cursor_.take_string(text, has_escapes))
      return broken_value(node, "a string is not closed or holds a control character");
    if (has_escapes) {
      if (!unescape(text, unescaped_))
        return broken_value(node, "a string has a malformed escape or half a surrogate pair");
      text = unescaped_;
    }
    if (node != nullptr && sink_.wants_json(*node)) text = cursor_.since(first);
    return scalar(node, Token::string, text);
  }

  bool scalar(Node* node, Token kind, std::string_view text) {
    if (node == nullptr || sink_.scalar(*node, kind, text)) return true;
    return complain(sink_.misfit_code(*node), sink_.reason());
  }

  bool container(Node* node, int depth) {
    if (depth >= max_depth_) {
      if (node != nullptr) sink_.absent(*node);
      return complain("too_deep", fmt::format("values are nested more than {} deep", max_depth_));
    }
    const bool is_object = cursor_.peek() == '{';
    if (node == nullptr || (is_object ? sink_.takes_object(*node) : sink_.takes_list(*node)))
      return is_object ? object(node, depth) : list(node, depth);
    return as_json(*node, depth);
  }

  bool list(Node* node, int depth) {
    Node* items = node == nullptr ? nullptr : &sink_.begin_list(*node);
    cursor_.take('[');
    if (cursor_.take(']')) return true;
    do {
      if (!value(items, depth + 1)) return false;
    } while (cursor_.take(','));
    return cursor_.take(']') || broken("a ',' or ']' is missing in a list");
  }

  // An object or list where the column has none: its text, or a misfit.
  bool as_json(Node& node, int depth) {
    const char* first = cursor_.at();
    const bool is_object = *first == '{';
    const bool sound = is_object ? object(nullptr, depth) : list(nullptr, depth);
    if (sound && sink_.takes_text(node)) {
      sink_.raw(node, cursor_.since(first));
      return true;
    }
    sink_.absent(node);
    if (!sound) return false;
    return complain(sink_.misfit_code(node), is_object ? "an object stands here" : "a list stands here");
  }

  static constexpr std::string_view kNoValue = "a value is missing or is no number, string, true, false or null";

  Sink& sink_;
  Cursor cursor_;
  int max_depth_;
  std::vector<std::string_view> names_;
  std::deque<std::string> unescaped_names_;  // where `names_` points to
  std::string unescaped_;
  Complaint complaint_;
};

std::optional<Complaint> refuse_other_kinds(std::string_view record) {
  const auto first = record.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return Complaint{.code = "invalid_json", .reason = "a value is missing"};
  if (record[first] == '{') return std::nullopt;
  const bool other_kind = std::string_view("[\"tfn-0123456789").find(record[first]) != std::string_view::npos;
  if (other_kind) return Complaint{.code = "not_an_object", .reason = "the record is no JSON object"};
  return Complaint{.code = "invalid_json", .reason = "not valid JSON: an object begins with '{'"};
}

// Gives the record to `sink`; its root value is `node`.
template <class Sink>
std::optional<Complaint> walk_record(std::string_view record, Sink& sink, typename Sink::Node& node, int max_depth) {
  auto complaint = refuse_other_kinds(record);
  if (!complaint && !is_utf8(record))
    complaint = Complaint{.code = "invalid_utf8", .reason = "the record is not valid UTF-8"};
  if (complaint) {
    sink.begin_object(node);
    sink.end_object(node);
    return complaint;
  }
  Walk<Sink> walk(sink, record, max_depth);
  if (walk.root(node)) return std::nullopt;
  return std::move(walk.complaint());
}

}  // namespace

Result<std::optional<Complaint>> RowParser::observe(std::string_view record, ShapeRecorder& recorder) {
  ShapeSink sink(recorder, options_.infer_dates);
  auto complaint = walk_record(record, sink, recorder.root(), options_.max_depth);
  if (complaint)
    recorder.discard();
  else
    recorder.keep();
  if (recorder.root().has_too_many_members())
    return Error(ErrorCode::resource_exhausted, fmt::format("records have more than {} names", Shape::kMaxMembers))
        .hint("their names seem to be data: put the object that holds them below one name");
  return complaint;
}

Result<std::optional<Complaint>> RowParser::append(std::string_view record, RecordBuilder& rows) {
  ColumnSink sink;
  auto complaint = walk_record(record, sink, rows.root(), options_.max_depth);
  MS_TRY(columnar::from_arrow(sink.failure(), "building rows"));
  if (complaint)
    rows.discard();
  else
    rows.keep();
  return complaint;
}

}  // namespace mainstem::format::json
