#pragma once

#include <arrow/status.h>
#include <string>
#include <string_view>
#include <utility>

#include "format/column_builder.h"
#include "format/json/walk.h"
#include "format/shape.h"
#include "format/value_append.h"

namespace mainstem::format::json {

/// Where values of a Walk go while types are found out.
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
    shape.begin_object(recorder_.next_object());
  }
  void end_object(Shape&) {}
  std::string_view expected_name(const Shape& shape) const { return shape.expected_name(); }
  Found expected_member(Shape& shape) { return found(shape, &shape.expected_member()); }
  Found member(Shape& shape, std::string_view name) { return found(shape, shape.member(name)); }
  Shape& begin_list(Shape& shape) {
    recorder_.note(shape, Shape::Value::list);
    return shape.items();
  }
  bool scalar(Shape& shape, Token token, std::string_view text) {
    recorder_.note(shape, Shape::Value::scalar, classify(token, text));
    return true;
  }
  bool number(Shape& shape, std::string_view text, const NumberText& number) {
    recorder_.note(shape, Shape::Value::scalar, classify_number(number, text));
    return true;
  }
  void raw(Shape&, std::string_view) {}
  void absent(Shape&) {}
  bool takes_raw(const Shape&, bool) const { return false; }
  std::string_view misfit_code(const Shape&) const { return "invalid_value"; }
  std::string reason() const { return ""; }

 private:
  static Found found(const Shape& shape, Shape* member) {
    return {.node = member, .repeated = member != nullptr && member->is_repeated(shape.object())};
  }
  Scalar classify(Token token, std::string_view text) const {
    switch (token) {
      case Token::null: return {};
      case Token::boolean: return {.kind = ScalarKind::boolean};
      case Token::string: break;
    }
    return dates_ ? classify_date(text) : Scalar{.kind = ScalarKind::text};
  }

  ShapeRecorder& recorder_;
  bool dates_;
};

/// Where values of a Walk go when rows are built.
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
  std::string_view expected_name(const ColumnBuilder& column) const { return column.expected_name(); }
  Found expected_member(ColumnBuilder& column) { return found(column.expected_member()); }
  Found member(ColumnBuilder& column, std::string_view name) { return found(column.member(name)); }
  ColumnBuilder& begin_list(ColumnBuilder& column) {
    keep(column.begin_list());
    return column.items();
  }
  bool scalar(ColumnBuilder& column, Token token, std::string_view text) {
    if (token == Token::null) {
      keep(column.append_null());
      return true;
    }
    return took(column, column.append_scalar(text));
  }
  bool number(ColumnBuilder& column, std::string_view text, const NumberText& number) {
    return took(column, column.append_number(text, number));
  }
  void raw(ColumnBuilder& column, std::string_view json) { keep(column.append_scalar(json)); }
  void absent(ColumnBuilder& column) { keep(column.append_null()); }
  bool takes_raw(const ColumnBuilder& column, bool) const { return takes_text(column); }
  std::string_view misfit_code(const ColumnBuilder& column) const { return format::misfit_code(*column.plan().type); }
  const std::string& reason() const { return reason_; }
  const arrow::Status& failure() const { return failure_; }

 private:
  static Found found(const ColumnBuilder::Member& member) {
    using State = ColumnBuilder::Member::State;
    return {
        .node = member.column, .repeated = member.state == State::repeated, .unknown = member.state == State::unknown};
  }
  // Null takes the place of a value that was refused.
  bool took(ColumnBuilder& column, arrow::Status status) {
    if (status.ok()) return true;
    if (status.IsInvalid())
      reason_ = status.message();
    else
      keep(std::move(status));
    absent(column);
    return false;
  }
  static bool takes_text(const ColumnBuilder& column) { return column.is_text() || column.ignored(); }
  void keep(arrow::Status status) {
    if (!status.ok() && failure_.ok()) failure_ = std::move(status);
  }

  std::string reason_;
  arrow::Status failure_;
};

}  // namespace mainstem::format::json
