#include "format/xml/row_values.h"

#include <arrow/status.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "columnar/status.h"
#include "format/scalar_type.h"
#include "format/value_append.h"

namespace mainstem::format::xml {
namespace {

using Index = Record::Index;
constexpr auto kNone = Record::kNone;
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool has_parts(const Record::Node& element) {
  return element.links.first_attribute != kNone || element.links.first_child != kNone;
}

// Blanks between child elements only make the document pretty.
bool has_text(const Record::Node& element) {
  return element.links.first_child == kNone ? !element.text.empty() : !trim(element.text).empty();
}

Error collision(std::string_view name) {
  return Error(ErrorCode::invalid_data, fmt::format("two different parts of an element would be one column '{}'", name))
      .hint("set attribute_prefix, for example to '@', or keep_namespaces");
}

// Notes what a record shows while types are found out.
class Observer {
 public:
  Observer(const Record& record, const ValueOptions& options, ShapeRecorder& recorder)
      : record_(record), options_(options), recorder_(recorder) {}

  Result<void> object(Shape& shape, Index index) {
    const auto& element = record_.node(index);
    recorder_.note(shape, Shape::Value::object);
    const auto object = recorder_.next_object();
    for (Index i = element.links.first_attribute; i != kNone; i = record_.node(i).links.next) {
      const auto& attribute = record_.node(i);
      MS_TRY(scalar(shape, object, options_.attribute_prefix + attribute.name, attribute.text));
    }
    for (Index i = element.links.first_child; i != kNone; i = record_.node(i).links.next)
      MS_TRY(children(shape, object, i));
    if (has_text(element)) MS_TRY(scalar(shape, object, Shape::kTextMember, element.text));
    return {};
  }

 private:
  // The elements of one name.
  Result<void> children(Shape& parent, uint64_t object, Index first) {
    const auto& name = record_.node(first).name;
    Shape* shape = parent.member(name);
    if (shape == nullptr) return {};
    if (shape->is_repeated(object)) return collision(name);
    const bool repeated = record_.node(first).links.next_same != kNone;
    recorder_.note(*shape, repeated ? Shape::Value::list : Shape::Value::single);
    for (Index i = first; i != kNone; i = record_.node(i).links.next_same) {
      const auto& element = record_.node(i);
      if (has_parts(element))
        MS_TRY(this->object(shape->items(), i));
      else
        recorder_.note(shape->items(), Shape::Value::text, classify_text(element.text, options_.infer_dates));
    }
    return {};
  }

  Result<void> scalar(Shape& parent, uint64_t object, std::string_view name, std::string_view text) {
    Shape* shape = parent.member(name);
    if (shape == nullptr) return {};
    if (shape->is_repeated(object)) return collision(name);
    recorder_.note(*shape, Shape::Value::scalar, classify_text(text, options_.infer_dates));
    return {};
  }

  const Record& record_;
  const ValueOptions& options_;
  ShapeRecorder& recorder_;
};

// Appends a record. Every function that gets a column gives it exactly one value, also after a complaint; the first
// complaint is kept.
class Appender {
 public:
  Appender(const Record& record, const ValueOptions& options) : record_(record), options_(options) {}

  void object(ColumnBuilder& column, Index index) {
    const auto& element = record_.node(index);
    keep(column.begin_struct());
    for (Index i = element.links.first_attribute; i != kNone; i = record_.node(i).links.next) {
      const auto& attribute = record_.node(i);
      if (auto* inner = enter(column, options_.attribute_prefix + attribute.name)) scalar(*inner, attribute.text);
    }
    for (Index i = element.links.first_child; i != kNone; i = record_.node(i).links.next)
      if (auto* inner = enter(column, record_.node(i).name)) children(*inner, i);
    if (has_text(element))
      if (auto* inner = enter(column, Shape::kTextMember)) scalar(*inner, element.text);
    keep(column.end_struct());
  }

  std::optional<Complaint>& complaint() { return complaint_; }
  const arrow::Status& failure() const { return failure_; }

 private:
  // The column of a member, whose name is then taken off again by `leave`; null after a complaint.
  ColumnBuilder* enter(ColumnBuilder& column, std::string_view name) {
    const auto found = column.member(name);
    using State = ColumnBuilder::Member::State;
    if (found.state == State::found) {
      names_.emplace_back(name);
      return found.column;
    }
    names_.emplace_back(name);
    if (found.state == State::repeated)
      complain("duplicate_key", "two different parts of the element belong to this column");
    else
      complain("unknown_column", "the type of the column has no place for this part of the element");
    names_.pop_back();
    return nullptr;
  }

  void children(ColumnBuilder& column, Index first) {
    const bool repeated = record_.node(first).links.next_same != kNone;
    if (column.is_list()) {
      keep(column.begin_list());
      for (Index i = first; i != kNone; i = record_.node(i).links.next_same) value(column.items(), i);
    } else if (repeated && !column.ignored()) {
      complain("repeated_element", "the element is there more than once, but its column is no list");
      keep(column.append_null());
    } else {
      value(column, first);
    }
    names_.pop_back();
  }

  void value(ColumnBuilder& column, Index index) {
    const auto& element = record_.node(index);
    if (column.ignored()) return;
    if (column.is_struct()) {
      if (has_parts(element) || has_text(element)) return object(column, index);
      return keep(column.append_null());
    }
    if (!has_parts(element)) return append(column, element.text);
    complain(misfit_code(*column.plan().type), "an element with attributes or elements in it stands here");
    keep(column.append_null());
  }

  void scalar(ColumnBuilder& column, std::string_view text) {
    append(column, text);
    names_.pop_back();
  }

  void append(ColumnBuilder& column, std::string_view text) {
    if (!column.is_text()) text = trim(text);
    if (text.empty() && !column.is_text()) return keep(column.append_null());
    auto status = column.append_scalar(text);
    if (status.ok()) return;
    if (status.IsInvalid())
      complain(misfit_code(*column.plan().type), status.message());
    else
      keep(status);
    keep(column.append_null());
  }

  void complain(std::string_view code, std::string reason) {
    if (complaint_) return;
    complaint_ = {
        .code = std::string(code), .reason = std::move(reason), .column = fmt::format("{}", fmt::join(names_, "."))};
  }
  void keep(const arrow::Status& status) {
    if (!status.ok() && failure_.ok()) failure_ = status;
  }

  const Record& record_;
  const ValueOptions& options_;
  std::vector<std::string> names_;
  std::optional<Complaint> complaint_;
  arrow::Status failure_;
};

}  // namespace

Result<void> observe_record(const Record& record, const ValueOptions& options, ShapeRecorder& recorder) {
  if (record.complaint() != nullptr) return {};
  MS_TRY(Observer(record, options, recorder).object(recorder.root(), Record::kRoot));
  recorder.keep();
  if (recorder.root().has_too_many_members())
    return Error(ErrorCode::resource_exhausted, fmt::format("rows have more than {} columns", Shape::kMaxMembers))
        .hint("the names of elements seem to be data; choose other elements as rows (option row)");
  return {};
}

Result<std::optional<Complaint>> append_record(const Record& record, const ValueOptions& options, RecordBuilder& rows) {
  if (record.complaint() != nullptr) return std::optional<Complaint>(*record.complaint());
  Appender appender(record, options);
  appender.object(rows.root(), Record::kRoot);
  MS_TRY(columnar::from_arrow(appender.failure(), "building rows"));
  if (appender.complaint())
    rows.discard();
  else
    rows.keep();
  return std::move(appender.complaint());
}

}  // namespace mainstem::format::xml
