#include "plan/check_rules.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>
#include <optional>

#include "check/compile.h"
#include "columnar/type_name.h"
#include "plan/columns.h"

namespace mainstem::plan {
namespace {

using check::Check;
using check::is_number;

// One rule on columns of one model.
struct Subject {
  const Check& check;
  const arrow::Schema& schema;
  const std::string& model;
  engine::Analyzer& analyzer;

  Result<std::shared_ptr<arrow::Field>> field(const std::string& column) const {
    MS_ASSIGN(const auto name, find_column(schema, column, model, check.position));
    return schema.GetFieldByName(name);
  }

  Error misfit(const arrow::Field& field, const std::string& hint) const {
    return Error(ErrorCode::invalid_config, fmt::format("the check '{}' does not fit column '{}' of type {}",
                                                        check.name, field.name(), columnar::type_name(*field.type())))
        .at(check.position)
        .hint(hint);
  }

  Result<void> needs(const std::string& column, TypeClass wanted, const char* hint) const {
    MS_ASSIGN(const auto found, field(column));
    if (class_of(*found->type()) != wanted) return misfit(*found, hint);
    return {};
  }

  Result<void> may_hold(const arrow::Field& field, const std::string& value) const {
    if (!analyzer.check_value(value, *field.type()))
      return misfit(field, fmt::format("'{}' can be no value of it", value));
    return {};
  }
};

Result<void> fits(const Subject& subject, const check::Range& rule) {
  MS_ASSIGN(const auto field, subject.field(rule.column));
  for (const auto& bound : {rule.min, rule.max}) {
    if (!bound) continue;
    switch (class_of(*field->type())) {
      case TypeClass::number:
        if (!is_number(*bound)) return subject.misfit(*field, fmt::format("'{}' is not a number", *bound));
        break;
      case TypeClass::time:
        if (is_number(*bound))
          return subject.misfit(*field, fmt::format("write '{}' as a date, like 2026-01-31", *bound));
        MS_TRY(subject.may_hold(*field, *bound));
        break;
      case TypeClass::text:
        if (is_number(*bound)) return subject.misfit(*field, "cast the column to a number in its model");
        break;
      default: return subject.misfit(*field, "range needs numbers, dates, timestamps or text");
    }
  }
  return {};
}

// True if a cast to the type, if there is one, would not change the number. Floating-point columns may hold NaN, too.
bool holds_number(const arrow::DataType& type, const std::string& text) {
  if (arrow::is_floating(type.id())) return true;
  arrow::Decimal256 value;
  int32_t precision = 0;
  int32_t scale = 0;
  if (!arrow::Decimal256::FromString(text, &value, &precision, &scale).ok()) return false;
  for (; scale > 0 && value % arrow::Decimal256(10) == arrow::Decimal256(0); --scale) value /= arrow::Decimal256(10);
  return scale <= (arrow::is_decimal(type.id()) ? static_cast<const arrow::DecimalType&>(type).scale() : 0);
}

Result<void> fits(const Subject& subject, const check::AcceptedValues& rule) {
  MS_ASSIGN(const auto field, subject.field(rule.column));
  const auto& type = *field->type();
  const auto kind = class_of(type);
  if (kind == TypeClass::nested || kind == TypeClass::bytes)
    return subject.misfit(*field, "take a column with single values");
  for (const auto& value : rule.values) {
    if (kind == TypeClass::number && !holds_number(type, value))
      return subject.misfit(*field, fmt::format("'{}' can be no value of it", value));
    if (kind == TypeClass::truth && value != "true" && value != "false")
      return subject.misfit(*field, fmt::format("write true or false in place of '{}'", value));
    if (kind == TypeClass::time && is_number(value))
      return subject.misfit(*field, fmt::format("write '{}' as a date, like 2026-01-31", value));
    if (kind == TypeClass::number || kind == TypeClass::time) MS_TRY(subject.may_hold(*field, value));
  }
  return {};
}

Result<void> fits(const Subject& subject, const check::Matches& rule) {
  MS_TRY(subject.needs(rule.column, TypeClass::text, "matches needs text; use range for numbers and dates"));
  const auto valid = subject.analyzer.check_pattern(rule.pattern);
  if (valid) return {};
  return Error(ErrorCode::invalid_config,
               fmt::format("the check '{}' has no regular expression: {}", subject.check.name, valid.error().message()))
      .at(subject.check.position)
      .hint("patterns are those of RE2, without look-ahead and back-references");
}

Result<void> fits(const Subject& subject, const check::Length& rule) {
  return subject.needs(rule.column, TypeClass::text, "length needs text; use range for numbers and dates");
}

Result<void> fits(const Subject& subject, const check::Freshness& rule) {
  return subject.needs(rule.column, TypeClass::time, "freshness needs a date or timestamp");
}

Result<void> fits(const Subject& subject, const auto&) {
  for (const auto& column : check::columns_of(subject.check.rule)) MS_TRY(subject.field(column));
  return {};
}

}  // namespace

Result<void> check_fits(const Check& check, const arrow::Schema& schema, const std::string& model,
                        engine::Analyzer& analyzer) {
  if (sends_to_quarantine(check) && !check::names_rows(check.rule))
    return Error(ErrorCode::invalid_config,
                 fmt::format("the check '{}' cannot quarantine: it does not say which rows fail", check.name))
        .at(check.position)
        .hint("use 'on_fail: block' or 'on_fail: warn'");
  const Subject subject{.check = check, .schema = schema, .model = model, .analyzer = analyzer};
  return std::visit([&](const auto& rule) { return fits(subject, rule); }, check.rule);
}

Result<void> check_comparable(const Check& check, const arrow::Schema& schema, const arrow::Schema& parent) {
  const auto& rule = std::get<check::References>(check.rule);
  MS_ASSIGN(const auto name, find_column(parent, rule.to_column, rule.to_table, check.position));
  MS_ASSIGN(const auto own, find_column(schema, rule.column, rule.to_table, check.position));
  const auto& left = schema.GetFieldByName(own)->type();
  const auto& right = parent.GetFieldByName(name)->type();
  if (left->Equals(right) || (class_of(*left) == class_of(*right) && class_of(*left) != TypeClass::other)) return {};
  return Error(ErrorCode::invalid_config,
               fmt::format("the check '{}' compares '{}' of type {} with '{}.{}' of type {}", check.name, own,
                           columnar::type_name(*left), rule.to_table, name, columnar::type_name(*right)))
      .at(check.position)
      .hint("cast one of them in its model");
}

bool sends_to_quarantine(const Check& check) {
  return check.severity == check::Severity::error && check.on_fail == check::OnFail::quarantine;
}

}  // namespace mainstem::plan
